import { type Emulator, type FaultDefinition, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../run.test.support.ts";

let emulator: Emulator;
let env: Record<string, string>;
let event: string;
beforeAll(async () => {
  emulator = await startEmulator();
  env = emulator.env;
  event = `/api/v1/exhibitor/event/${emulator.tenants[0]?.events[0]?.id}`;
});
beforeEach(() => {
  emulator.faults.clear();
  emulator.clearRequests();
});
afterAll(() => emulator.close());

describe("personify call", () => {
  test("prints JSON on one line where it is piped, indented at a terminal", async () => {
    const piped = await runCli(["call", "get", "/api/v1/whoami"], { env });
    expect(piped).toMatchObject({ code: 0, stderr: "" });
    expect(piped.stdout).toMatch(/^\{"tenantId":.*\}\n$/);
    const shown = await runCli(["call", "GET", "/api/v1/whoami"], { env, isTerminal: true });
    expect(shown.stdout).toMatch(/^\{\n {2}"tenantId": /);
  });

  test("--tenant names the tenant, --no-tenant sends none", async () => {
    const other = emulator.tenants[1]?.id as string;
    const { stdout } = await runCli(["call", "GET", "/api/v1/whoami", "--tenant", other], { env });
    expect(JSON.parse(stdout)).toMatchObject({ tenantId: other });
    expect(await runCli(["call", "GET", "/api/v1/whoami", "--no-tenant"], { env })).toMatchObject({
      code: 4,
    });
    expect(emulator.requests({ kind: "api" }).at(-1)?.tenantId).toBeUndefined();
  });

  test("--paginate prints every item of a list, one a line, from the page that the query names", async () => {
    const all = await runCli(["call", "GET", `${event}?ItemsPerPage=50`, "--paginate"], { env });
    expect(all.code).toBe(0);
    const items = all.stdout.trim().split("\n");
    expect(items.map((line) => JSON.parse(line)).length).toBe(140);
    const rest = await runCli(["call", "GET", `${event}?ItemsPerPage=50&Page=3`, "--paginate"], { env });
    expect(rest.stdout.trim().split("\n")).toEqual(items.slice(100));
  });

  test("--data sends JSON, from the flag or from stdin", async () => {
    const sent = await runCli(["call", "POST", `${event}/note`, "--data", '{"text": "Hall 3"}'], { env });
    expect(JSON.parse(sent.stdout)).toMatchObject({ text: "Hall 3" });
    const args = ["call", "POST", `${event}/note`, "--data", "@-"];
    const piped = await runCli(args, { env, stdin: '{"text": "Hall 4"}' });
    expect(JSON.parse(piped.stdout)).toMatchObject({ text: "Hall 4" });
  });

  test.each([
    ["no JSON", ["POST", "/api/v1/whoami", "--data", "{text: 1}"], /--data is not JSON/],
    ["no list", ["POST", "/api/v1/whoami", "--paginate"], /use it with GET/],
    ["a path that Git Bash rewrote", ["GET", "C:/Program Files/Git/api/v1/whoami"], /MSYS_NO_PATHCONV=1/],
    ["another origin", ["GET", "https://elsewhere.example/api"], /origin/],
    ["no path", ["GET"], /missing required argument 'path'/],
  ])("ends with 2 for %s, and sends nothing", async (_case, args, message) => {
    const { code, stdout, stderr } = await runCli(["call", ...args], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(emulator.requests()).toEqual([]);
  });

  test.each<[string, FaultDefinition, string[], string]>([
    [
      "another origin",
      { on: "api", kind: "html" },
      ["https://elsewhere.example/a"],
      "another origin than PERSONIFY_API_BASE_URL; pass a",
    ],
    [
      "a page",
      { on: "api", kind: "html" },
      ["/api/v1/whoami"],
      "is not JSON; check PERSONIFY_API_BASE_URL if",
    ],
    [
      "no list",
      { on: "api", kind: "status", status: 200, body: {} },
      ["/api/v1/whoami", "--paginate"],
      "leave out --paginate, or",
    ],
    [
      "an error",
      { on: "api", kind: "status", status: 409, body: "no" },
      ["/api/v1/whoami"],
      "GET /api/v1/whoami with HTTP 409\n",
    ],
  ])("advises what can be done at a command line: %s", async (_case, fault, args, message) => {
    emulator.faults.add(fault);
    expect((await runCli(["call", "GET", ...args], { env })).stderr).toContain(message);
  });

  test("ends with 2 and asks for no token where no tenant is named", async () => {
    const ended = await runCli(["call", "GET", "/api/v1/whoami"], {
      env: { ...env, PERSONIFY_TENANT_ID: "" },
    });
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(emulator.requests()).toEqual([]);
  });

  test("ends with 4 where the API refuses, and tells what it said", async () => {
    const { code, stdout, stderr } = await runCli(["call", "GET", "/api/v1/no-such"], { env });
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/"code": "not_found"[\s\S]*HTTP 404; check the path/);
  });

  test("ends with 4 where the answer is a page", async () => {
    emulator.faults.add({ on: "api", kind: "html" });
    expect(await runCli(["call", "GET", "/api/v1/whoami"], { env })).toMatchObject({ code: 4, stdout: "" });
  });

  test("ends with 6 where the API keeps failing", async () => {
    emulator.faults.add({ on: "api", kind: "status", status: 503, times: Infinity });
    expect(await runCli(["call", "GET", "/api/v1/whoami"], { env })).toMatchObject({ code: 6, stdout: "" });
  });

  test("ends with 5 where the connection breaks", async () => {
    emulator.faults.add({ on: "api", kind: "reset", times: Infinity });
    expect(await runCli(["call", "POST", "/api/v1/whoami"], { env })).toMatchObject({ code: 5, stdout: "" });
  });

  test.each([200, 400])("masks the token and the secret that an answer with %i repeats", async (status) => {
    const secret = env["PERSONIFY_CLIENT_SECRET"] as string;
    const body = { access_token: "planted-token-1", token_type: "Bearer", expires_in: 60 };
    emulator.faults.add({ on: "token", kind: "token-response", body });
    emulator.faults.add({ on: "api", kind: "status", status, body: { token: "planted-token-1", secret } });
    const { stdout, stderr } = await runCli(["call", "GET", "/api/v1/whoami"], { env });
    const written = stdout + stderr;
    expect(written).toContain("[hidden]");
    expect(written.includes(secret) || written.includes("planted")).toBe(false);
  });

  test("masks no word of the data for a secret that is as short as one", async () => {
    emulator.faults.add({ on: "token", kind: "token-response", body: { access_token: "planted-token-3" } });
    emulator.faults.add({ on: "api", kind: "status", status: 200, body: { said: "portals" } });
    const changed = { ...env, PERSONIFY_CLIENT_SECRET: "portal" };
    const { stdout } = await runCli(["call", "GET", "/api/v1/whoami"], { env: changed });
    expect(stdout).toBe('{"said":"portals"}\n');
  });

  test("masks a token that is good for one call alone, and asks for no other", async () => {
    const body = { access_token: "planted-token-2", token_type: "Bearer", expires_in: 0 };
    emulator.faults.add({ on: "token", kind: "token-response", body });
    emulator.faults.add({ on: "api", kind: "status", status: 200, body: { token: "planted-token-2" } });
    const { stdout } = await runCli(["call", "GET", "/api/v1/whoami"], { env });
    expect(stdout).toBe('{"token":"[hidden]"}\n');
    expect(emulator.requests({ kind: "token" }).length).toBe(1);
  });

  test.each([
    [
      "an error",
      400,
      "\x1b]0;title\x07\x9b2J \u202esaid\r\n",
      /^\\u001b\]0;title\\u0007\\u009b2J \\u202esaid\r\n/,
    ],
    ["JSON", 200, { said: "\x1b[2J\x9b2J\x7f" }, /^\{"said":"\\u001b\[2J\\u009b2J\\u007f"\}\n$/],
  ])("lets no text of the API steer the terminal: %s", async (_case, status, body, shown) => {
    emulator.faults.add({ on: "api", kind: "status", status, body });
    const { stdout, stderr } = await runCli(["call", "GET", "/api/v1/whoami"], { env });
    expect(stdout + stderr).toMatch(shown);
  });

  test("is interrupted by the signal, with 130", async () => {
    emulator.faults.add({ on: "api", kind: "stall", before: "headers" });
    const stop = new AbortController();
    const ended = runCli(["call", "GET", "/api/v1/whoami"], { env, signal: stop.signal });
    await expect.poll(() => emulator.requests({ kind: "api" }).length, { timeout: 15_000 }).toBe(1);
    stop.abort();
    expect(await ended).toEqual({ code: 130, stdout: "", stderr: "" });
  });

  test("turns a spinner on stderr at a terminal alone, and takes it away", async () => {
    emulator.faults.add({ on: "api", kind: "latency", ms: 700, times: 2 });
    const shown = await runCli(["call", "GET", "/api/v1/whoami"], { env, isTerminal: true });
    expect(shown.stderr).toMatch(/^\r[|] Calling the API [\s\S]*\r +\r$/);
    expect(await runCli(["call", "GET", "/api/v1/whoami"], { env })).toMatchObject({ stderr: "" });
  });
});
