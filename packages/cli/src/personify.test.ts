import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startProxy, startTls } from "./doctor/servers.test.support.ts";

let emulator: Emulator;
let settings: Record<string, string>;
beforeAll(async () => {
  emulator = await startEmulator();
  settings = emulator.env;
});
afterAll(() => emulator.close());

/** A process of its own, with pipes in the place of a terminal. */
function startProcess(args: readonly string[], env: Record<string, string> = {}) {
  const script = join(import.meta.dirname, "personify.ts");
  const child = spawn(process.execPath, ["--conditions=@personify-auth/source", script, ...args], {
    env: { PATH: process.env["PATH"], ...settings, ...env },
  });
  const written = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk) => (written.stdout += chunk));
  child.stderr.on("data", (chunk) => (written.stderr += chunk));
  return { child, written, ended: endOf(child).then((code) => ({ code, ...written })) };
}

async function endOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, "close");
  return code;
}

describe("the process personify", () => {
  test("works without a terminal, and writes no colours", async () => {
    const { child, ended } = startProcess(["doctor"]);
    child.stdin.end();
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^✓ settings/);
    expect(stdout).not.toContain("\x1b");
  });

  test("stops with SIGTERM, and ends as it should", async () => {
    const { child, written, ended } = startProcess(["emulate", "--seed", "9"]);
    await expect.poll(() => written.stderr, { timeout: 15_000 }).toContain("Ctrl+C stops it");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  test("ends without an error where its reader has seen enough", async () => {
    const event = emulator.tenants[0]?.events[0]?.id;
    const { child, ended } = startProcess(["call", "GET", `/api/v1/exhibitor/event/${event}`, "--paginate"]);
    child.stdout.once("data", () => child.stdout.destroy());
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("ends with its code where nobody reads its notes", async () => {
    const { child, ended } = startProcess(["token", "--scope", "nonsense"]);
    child.stderr.destroy();
    expect(await ended).toMatchObject({ code: 3, stdout: "" });
  });

  test("goes through the proxy that Node is told to use, to a server whose authority it is told to trust", async () => {
    const server = await startTls({ upstream: emulator.apiBaseUrl });
    const proxy = await startProxy(200);
    const folder = await mkdtemp(join(tmpdir(), "personify cli "));
    const certificate = join(folder, "authority.pem");
    await writeFile(certificate, server.cert);
    const origin = `https://localhost:${server.port}`;
    const { ended } = startProcess(["doctor", "--json"], {
      PERSONIFY_API_BASE_URL: origin,
      PERSONIFY_TOKEN_URL: `${origin}/connect/token`,
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: certificate,
    });
    const { code, stdout } = await ended;
    await Promise.all([server.close(), proxy.close(), rm(folder, { recursive: true })]);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(code).toBe(0);
    // Two to try it, one for TLS, and at least one for what follows.
    expect(proxy.asked.length).toBeGreaterThan(3);
  });
});
