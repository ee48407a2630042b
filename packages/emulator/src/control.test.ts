import { expect, test } from "vitest";
import { callApi, getToken, running } from "./emulator-client.test.support.ts";
import type { Emulator } from "./index.ts";

const at = (emulator: Emulator, path: string) => `${emulator.apiBaseUrl}/__emulator${path}`;

async function send(emulator: Emulator, method: string, path: string, body?: unknown) {
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const headers = { "content-type": "application/json" };
  const response = await fetch(at(emulator, path), { method, headers, ...sent });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}

test("state: settings, tenants, clients, clock, faults, tokens; no secret and no token", async () => {
  const emulator = await running({ seed: 3, profile: "rfc6749" });
  const token = await getToken(emulator);
  emulator.faults.add({ on: "api", kind: "reset", times: Infinity });
  const { status, body } = await send(emulator, "GET", "/state");
  expect(status).toBe(200);
  expect(body).toEqual({
    settings: {
      port: Number(new URL(emulator.apiBaseUrl).port),
      seed: 3,
      profile: "rfc6749",
      tokenUrl: emulator.tokenUrl,
      apiBaseUrl: emulator.apiBaseUrl,
    },
    tenants: emulator.tenants,
    clients: emulator.clients.list(),
    clock: { now: expect.any(Number) },
    faults: [{ on: "api", kind: "reset", times: "always", remaining: "always" }],
    tokens: emulator.tokens.alive(),
  });
  expect(JSON.stringify(body)).not.toContain(emulator.credentials.clientSecret);
  expect(JSON.stringify(body)).not.toContain(token);
});

test("faults are added, also for always, and cleared", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  const status = async () => (await callApi(emulator, token, "/api/v1/whoami")).status;
  const added = await send(emulator, "POST", "/faults", {
    on: "api",
    kind: "status",
    status: 503,
    times: "always",
  });
  expect(added).toEqual({
    status: 201,
    body: { faults: [{ on: "api", kind: "status", status: 503, times: "always", remaining: "always" }] },
  });
  expect([await status(), await status()]).toEqual([503, 503]);
  expect(await send(emulator, "DELETE", "/faults")).toEqual({ status: 204, body: undefined });
  expect(await status()).toBe(200);
  await send(emulator, "POST", "/faults", { on: "api", kind: "status", status: 429 });
  expect([await status(), await status()]).toEqual([429, 200]);
});

test("the clock advances", async () => {
  const emulator = await running();
  const { status, body } = await send(emulator, "POST", "/clock", { advance: 3_600_000 });
  expect(status).toBe(200);
  expect(body.now - Date.now()).toBeGreaterThan(3_590_000);
  expect(emulator.clock.now() - Date.now()).toBeGreaterThan(3_590_000);
});

test("tokens are revoked, all or one client's", async () => {
  const emulator = await running();
  await getToken(emulator);
  await getToken(emulator, emulator.otherCredentials.shortLived);
  const { clientId } = emulator.otherCredentials.shortLived;
  expect((await send(emulator, "POST", "/tokens/revoke", { clientId })).body).toEqual({ revoked: 1 });
  expect((await send(emulator, "POST", "/tokens/revoke", {})).body).toEqual({ revoked: 1 });
  expect(emulator.tokens.alive()).toEqual([]);
});

test("requests are listed, filtered by the query, and cleared", async () => {
  const emulator = await running();
  await callApi(emulator, await getToken(emulator), "/api/v1/whoami");
  await callApi(emulator, "x", "/api/v1/whoami");
  const listed = async (query: string) => (await send(emulator, "GET", `/requests${query}`)).body.requests;
  expect(await listed("?kind=token")).toEqual(emulator.requests({ kind: "token" }));
  expect(await listed("?kind=api&status=401")).toEqual(emulator.requests({ status: 401 }));
  expect((await listed("")).length).toBeGreaterThanOrEqual(5);
  expect((await send(emulator, "DELETE", "/requests")).status).toBe(204);
  expect(emulator.requests({ kind: "api" })).toEqual([]);
});

test.each([
  ["POST", "/faults", { on: "api", kind: "explode" }, /fault kind must be one of/],
  ["POST", "/faults", { on: "api", kind: "reset", times: "often" }, /fault times/],
  ["POST", "/faults", "{", /must be JSON/],
  ["POST", "/faults", "[]", /must be a JSON object/],
  ["POST", "/faults", undefined, /must be JSON/],
  ["POST", "/faults", JSON.stringify({ padding: "x".repeat(70_000) }), /must be at most 64 KiB/],
  ["POST", "/clock", { advance: -1 }, /advance must be milliseconds/],
  ["POST", "/clock", {}, /advance must be/],
  ["POST", "/clock", { advance: 1, set: 2 }, /no member but advance/],
  ["POST", "/tokens/revoke", { client: "x" }, /no member "client"/],
  ["GET", "/requests?client=x", undefined, /filter has no member "client"; use one of kind/],
])("%s %s with bad input %# → 400 that says what is wrong", async (method, path, body, message) => {
  const emulator = await running();
  const answer = await send(emulator, method, path, body);
  expect([answer.status, answer.body.error]).toEqual([400, expect.stringMatching(message)]);
});

test("a form or text, which a web page could send, changes nothing", async () => {
  const emulator = await running();
  for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
    const body = JSON.stringify({ on: "api", kind: "reset" });
    const response = await fetch(at(emulator, "/faults"), {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    expect(response.status).toBe(400);
  }
  expect(emulator.faults.list()).toEqual([]);
});

test("an unknown control path → 404; faults of token and API do not reach the control endpoint", async () => {
  const emulator = await running();
  emulator.faults.add({ on: "api", kind: "reset", times: Infinity });
  emulator.faults.add({ on: "token", kind: "reset", times: Infinity });
  expect((await send(emulator, "GET", "/nothing")).status).toBe(404);
  expect((await send(emulator, "GET", "/state")).status).toBe(200);
});
