import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { startEmulator } from "@personify-auth/emulator";
import { expect, it } from "vitest";

it("starts from environment variables and serves a page", async () => {
  const emulator = await startEmulator();
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  const server = spawn(
    process.execPath,
    ["--conditions=@personify-auth/source", join(import.meta.dirname, "server.ts")],
    {
      env: {
        ...process.env,
        PERSONIFY_CLIENT_ID: clientId,
        PERSONIFY_CLIENT_SECRET: clientSecret,
        PERSONIFY_API_BASE_URL: emulator.apiBaseUrl,
        PERSONIFY_TOKEN_URL: emulator.tokenUrl,
        PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
        TENANTS_BY_HOST: JSON.stringify({ "127.0.0.1": tenantId }),
        PORT: "0",
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  try {
    const [line] = await once(server.stdout.setEncoding("utf8"), "data");
    const port = /port: (\d+)/.exec(line)?.[1];
    const page = await fetch(`http://127.0.0.1:${port}/events/${emulator.tenants[0]?.events[0]?.id}`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("140 exhibitors");
  } finally {
    server.kill();
    await emulator.close();
  }
});
