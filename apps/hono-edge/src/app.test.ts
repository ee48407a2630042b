import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmulator } from "@personify-auth/emulator";
import { describeDirectory, describeServer } from "app-directory/suite";
import { expect, it, onTestFinished } from "vitest";
import { startOnWorkerd, startWithStorage } from "./start.ts";

describeDirectory(startOnWorkerd);

const folder = join(import.meta.dirname, "..");
describeServer(join(folder, "node_modules/wrangler/bin/wrangler.js"), (environment) => [
  ...["dev", "--cwd", folder, "--env-file", ".env", "--port", "0", "--inspector-port", "0"],
  ...Object.entries(environment).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
]);

it("takes the token that an earlier isolate left in the Durable Object", async () => {
  const storage = await mkdtemp(join(tmpdir(), "hono-edge-"));
  onTestFinished(() => rm(storage, { recursive: true }));
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const { credentials, tokenUrl, apiBaseUrl, tenants } = emulator;

  for (const _isolate of ["first", "second"]) {
    const { url, close } = await startWithStorage(storage, {
      personify: { ...credentials, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback" },
      tenantsByHost: new Map([["127.0.0.1", credentials.tenantId]]),
      onError: () => {},
    });
    const page = await fetch(`${url}/events/${tenants[0]?.events[0]?.id}`).finally(close);
    expect(page.status).toBe(200);
  }

  expect(emulator.requests({ kind: "token" })).toHaveLength(1);
});
