import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { startEmulator } from "@personify-auth/emulator";
import { describe, expect, test } from "vitest";
import { runCli, startCli } from "../run.test.support.ts";

/** Runs `emulate` until `use` is done with the settings that it printed. */
async function emulating(args: string[], use: (settings: Record<string, string>) => Promise<void>) {
  const stop = new AbortController();
  const { started, result } = startCli(["emulate", ...args], { signal: stop.signal });
  try {
    await expect.poll(() => started().stderr, { timeout: 15_000 }).toContain("Ctrl+C stops it");
    await use(parseEnv(started().stdout) as Record<string, string>);
  } finally {
    stop.abort();
    await result;
  }
  return { code: await result, lines: started().stdout.trim().split("\n") };
}

describe("personify emulate", () => {
  test("prints settings that work, one a line and nothing else, and ends with 0", async () => {
    const { code, lines } = await emulating([], async (env) => {
      expect(await runCli(["call", "GET", "/api/v1/whoami"], { env })).toMatchObject({ code: 0 });
    });
    expect(code).toBe(0);
    expect(lines.map((line) => line.replace(/=.+/, ""))).toEqual([
      "PERSONIFY_CLIENT_ID",
      "PERSONIFY_CLIENT_SECRET",
      "PERSONIFY_TENANT_ID",
      "PERSONIFY_SCOPE",
      "PERSONIFY_API_BASE_URL",
      "PERSONIFY_TOKEN_URL",
      "PERSONIFY_ALLOW_INSECURE_HTTP",
    ]);
  });

  test("prints the settings that its console offers, and where that is", async () => {
    await emulating([], async (env) => {
      const { PERSONIFY_API_BASE_URL: url } = env;
      const { variables } = (await (await fetch(`${url}/__emulator/console/setup`)).json()) as {
        variables: object;
      };
      expect(variables).toEqual({ ...env });
      expect((await fetch(`${url}/`)).headers.get("content-type")).toContain("text/html");
    });
  });

  test("takes a seed and a profile", async () => {
    const seeded = await startEmulator({ seed: 7 });
    const { tenantId } = seeded.credentials;
    await seeded.close();
    await emulating(["--seed", "7", "--profile", "rfc6749"], async (env) => {
      expect(env["PERSONIFY_TENANT_ID"]).toBe(tenantId);
      const wrong = await runCli(["token"], { env: { ...env, PERSONIFY_CLIENT_SECRET: "wrong-secret-1" } });
      expect(wrong.stderr).toContain("HTTP 401");
    });
  });

  test("takes faults, as JSON or from a file", async () => {
    const fault = '{"on": "token", "kind": "status", "status": 503, "times": "always"}';
    const folder = await mkdtemp(join(tmpdir(), "personify cli "));
    const file = join(folder, "faults.json");
    await writeFile(file, `[${fault}]`);
    for (const given of [fault, file]) {
      await emulating(["--faults", given], async (env) => {
        expect(await runCli(["token"], { env })).toMatchObject({ code: 6 });
      });
    }
    await rm(folder, { recursive: true });
  });

  test("says that a port is taken", async () => {
    const other = await startEmulator();
    const { port } = new URL(other.apiBaseUrl);
    expect(await runCli(["emulate", "--port", port])).toEqual({
      code: 2,
      stdout: "",
      stderr: `Port ${port} is taken; choose another with --port\n`,
    });
    await other.close();
  });

  test.each([
    ["--port", "nine", /option port must be a whole number/],
    ["--seed", "1.5", /option seed must be a whole number/],
    ["--profile", "nonsense", /option profile must be "identityserver" or "rfc6749"/],
    ["--faults", "[{]", /--faults is not JSON/],
    ["--faults", "no-such.json", /cannot read no-such.json \(ENOENT\)/],
    ["--faults", '{"on": "api", "kind": "fire"}', /fault kind must be one of latency/],
    ["--faults", "[null]", /fault must be an object/],
  ])("refuses %s %s", async (flag, value, message) => {
    expect(await runCli(["emulate", flag, value])).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(message),
    });
  });
});
