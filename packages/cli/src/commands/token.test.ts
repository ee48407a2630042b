import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../run.test.support.ts";

let emulator: Emulator;
let env: Record<string, string>;
beforeAll(async () => {
  emulator = await startEmulator();
  env = emulator.env;
});
beforeEach(() => emulator.faults.clear());
afterAll(() => emulator.close());

describe("personify token", () => {
  test("tells type, scope, lifetime and the claims of a JWT, and not the token", async () => {
    const { code, stdout } = await runCli(["token"], { env });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Type +Bearer\nScope +idp_api\nExpires +in (3599|3600) s, at 20\d\d-/);
    expect(stdout).toContain('"client_id": "exhibitor-portal"');
    expect(stdout).not.toMatch(/eyJ/);
  });

  test("says of an opaque token that it has no claims to read", async () => {
    emulator.clients.update("exhibitor-portal", { tokenFormat: "opaque" });
    const { stdout } = await runCli(["token"], { env });
    emulator.clients.update("exhibitor-portal", { tokenFormat: "jwt" });
    expect(stdout).toContain("none to read");
  });

  test("--show prints the token alone", async () => {
    const { code, stdout, stderr } = await runCli(["token", "--show"], { env });
    expect([code, stderr]).toEqual([0, ""]);
    expect(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/.test(stdout)).toBe(true);
  });

  test("--curl prints lines without secret or token, and asks for none", async () => {
    emulator.clearRequests();
    const { stdout } = await runCli(["token", "--curl"], { env });
    expect(emulator.requests()).toEqual([]);
    expect(stdout).toContain(`curl -sS '${emulator.tokenUrl}'`);
    expect(stdout).toContain(
      `printf 'Authorization: Bearer %s' "$(personify token --show)" | curl -sS -H @-`,
    );
    expect(stdout).toContain(`-H 'X-Tenant-Id: ${env["PERSONIFY_TENANT_ID"]}'`);
    expect(stdout.includes(env["PERSONIFY_CLIENT_SECRET"] as string)).toBe(false);
  });

  test("--curl --show has the token in the call, and still no secret", async () => {
    const { stdout } = await runCli(["token", "--curl", "--show", "--no-tenant"], { env });
    expect(/^printf 'Authorization: Bearer %s' eyJ[\w.-]+ \| curl -sS -H @- /m.test(stdout)).toBe(true);
    expect(stdout.includes(env["PERSONIFY_CLIENT_SECRET"] as string)).toBe(false);
  });

  test("masks what in the answer repeats the secret", async () => {
    const secret = env["PERSONIFY_CLIENT_SECRET"] as string;
    const claims = Buffer.from(JSON.stringify({ echo: secret })).toString("base64url");
    const body = { access_token: `e30.${claims}.c2ln`, token_type: "Bearer", expires_in: 60 };
    emulator.faults.add({ on: "token", kind: "token-response", body });
    const { stdout } = await runCli(["token"], { env });
    expect(stdout).toContain('"echo": "[hidden]"');
    expect(stdout.includes(secret)).toBe(false);
  });

  test("shows the scope that was asked for where the one granted repeats the token", async () => {
    const body = { access_token: "plantedtoken", token_type: "Bearer", scope: "idp_api plantedtoken" };
    emulator.faults.add({ on: "token", kind: "token-response", body });
    expect((await runCli(["token"], { env })).stdout).toMatch(/^Scope +idp_api$/m);
  });

  test("tells what the endpoint said of its refusal", async () => {
    const body = { error: "unauthorized_client", error_description: "Client is disabled" };
    emulator.faults.add({ on: "token", kind: "token-response", status: 400, body });
    expect((await runCli(["token"], { env })).stderr).toMatch(
      /\nThe endpoint says: Client is disabled\npersonify doctor, with the same settings, looks for the cause\n$/,
    );
  });

  test.each([
    [
      3,
      "a wrong secret",
      { PERSONIFY_CLIENT_SECRET: "wrong-secret-1" },
      "check PERSONIFY_CLIENT_ID, PERSONIFY_CLIENT_SECRET, PERSONIFY_TOKEN_URL and",
    ],
    [3, "a wrong scope", { PERSONIFY_SCOPE: "nonsense" }, "check PERSONIFY_SCOPE against"],
    [2, "no id", { PERSONIFY_CLIENT_ID: undefined }, "PERSONIFY_CLIENT_ID"],
    [2, "a bad URL", { PERSONIFY_API_BASE_URL: "nonsense" }, "PERSONIFY_API_BASE_URL: expected"],
    [5, "no server", { PERSONIFY_TOKEN_URL: "http://127.0.0.1:9/connect/token" }, "ECONNREFUSED"],
  ])("ends with %i for %s", async (expected, _case, changed, message) => {
    const { code, stdout, stderr } = await runCli(["token"], { env: { ...env, ...changed } });
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain(message);
  });

  test("ends with 6 where the endpoint is throttled", async () => {
    emulator.faults.add({ on: "token", kind: "status", status: 429, retryAfter: 3600 });
    expect(await runCli(["token"], { env })).toMatchObject({ code: 6 });
  });
});
