import { expect, test, vi } from "vitest";
import {
  callApi,
  form,
  getToken,
  postToken,
  rawGet,
  running,
  sendRaw,
} from "./emulator-client.test.support.ts";
import type { Emulator, FaultDefinition } from "./index.ts";

const WHOAMI = "/api/v1/whoami";

async function ready() {
  const emulator = await running();
  const token = await getToken(emulator);
  emulator.clearRequests();
  const call = (path = WHOAMI, init?: RequestInit) => callApi(emulator, token, path, init);
  const headers = [`Authorization: Bearer ${token}`, `X-Tenant-Id: ${emulator.credentials.tenantId}`];
  const raw = (until?: (received: string) => boolean) => sendRaw(emulator, rawGet(WHOAMI, ...headers), until);
  return { emulator, token, call, raw };
}

const askToken = (emulator: Emulator) => postToken(emulator, form(emulator.credentials));
const lengthOf = (received: string) => Number(/^content-length: (\d+)/im.exec(received)?.[1]);
const bodyOf = (received: string) => received.slice(received.indexOf("\r\n\r\n") + 4);

test("status: once by default, then the real answer; the log names the fault", async () => {
  const { emulator, call } = await ready();
  const fault = emulator.faults.add({ on: "api", kind: "status", status: 503, retryAfter: 7 });
  expect(fault.remaining()).toBe(1);
  const response = await call();
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"]);
  expect(fault.remaining()).toBe(0);
  expect((await call()).status).toBe(200);
  expect(emulator.requests().map((request) => [request.status, request.fault])).toEqual([
    [503, "status"],
    [200, undefined],
  ]);
});

test("status: Retry-After as text, own body and headers, statuses without a body", async () => {
  const { emulator, call } = await ready();
  const retryAfter = "Wed, 21 Oct 2026 07:28:00 GMT";
  emulator.faults.add({
    on: "api",
    kind: "status",
    status: 429,
    retryAfter,
    body: { a: 1 },
    headers: { "x-a": "b" },
  });
  const json = await call();
  expect([json.status, json.headers.get("retry-after"), json.headers.get("x-a")]).toEqual([
    429,
    retryAfter,
    "b",
  ]);
  expect(await json.json()).toEqual({ a: 1 });
  emulator.faults.add({
    on: "api",
    kind: "status",
    status: 500,
    body: "oops",
    headers: { "content-type": "text/x" },
  });
  const text = await call();
  expect([text.headers.get("content-type"), await text.text()]).toEqual(["text/x", "oops"]);
  emulator.faults.add({ on: "api", kind: "status", status: 204, body: "ignored" });
  expect(await (await call()).text()).toBe("");
});

test("a fault of the token endpoint leaves the API alone and the other way round", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "token", kind: "status", status: 500, times: Infinity });
  expect((await call()).status).toBe(200);
  expect((await askToken(emulator)).status).toBe(500);
  emulator.faults.clear();
  emulator.faults.add({ on: "api", kind: "status", status: 500, times: Infinity });
  expect((await askToken(emulator)).status).toBe(200);
  expect((await call()).status).toBe(500);
});

test("a faulted token request is logged with its parameters, and issues no token", async () => {
  const { emulator } = await ready();
  const alive = emulator.tokens.alive().length;
  emulator.faults.add({ on: "token", kind: "status", status: 500 });
  await askToken(emulator);
  expect(emulator.requests()[0]).toMatchObject({
    clientId: "exhibitor-portal",
    clientAuthMethod: "client_secret_post",
    parameters: { grant_type: "client_credentials", client_secret: "(masked)" },
  });
  expect(emulator.tokens.alive()).toHaveLength(alive);
});

test("times, path and method choose the requests", async () => {
  const { emulator, call } = await ready();
  const event = `/api/v1/exhibitor/event/${emulator.tenants[0]?.events[0]?.id}`;
  const fault = emulator.faults.add({
    on: "api",
    kind: "status",
    status: 502,
    path: event,
    method: "GET",
    times: 2,
  });
  const statuses = [];
  for (const [path, method] of [
    [WHOAMI, "GET"],
    [event, "HEAD"],
    [event, "GET"],
    [`${event}/note`, "GET"],
    [event, "GET"],
  ]) {
    statuses.push((await call(path, { method: method as string })).status);
  }
  expect(statuses).toEqual([200, 200, 502, 502, 200]);
  expect(fault.remaining()).toBe(0);
  expect(emulator.faults.list()).toEqual([]);
});

test("Infinity lasts until cleared, by its handle or all of them", async () => {
  const { emulator, call } = await ready();
  const one = emulator.faults.add({ on: "api", kind: "status", status: 500, times: Infinity });
  const other = emulator.faults.add({ on: "api", kind: "status", status: 501, times: Infinity });
  for (let count = 0; count < 5; count += 1) expect((await call()).status).toBe(500);
  expect(one.remaining()).toBe(Infinity);
  expect(emulator.faults.list()).toEqual([
    { on: "api", kind: "status", status: 500, times: Infinity, remaining: Infinity },
    { on: "api", kind: "status", status: 501, times: Infinity, remaining: Infinity },
  ]);
  one.clear();
  expect([one.remaining(), (await call()).status]).toEqual([0, 501]);
  emulator.faults.clear();
  expect([other.remaining(), (await call()).status]).toEqual([0, 200]);
});

test("of simultaneous requests exactly `times` meet the fault", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "api", kind: "status", status: 503, times: 7 });
  const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await call()).status));
  expect(statuses.filter((status) => status === 503)).toHaveLength(7);
});

test("latency: the real answer, later; adds up and combines with the next fault", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "api", kind: "latency", ms: 150 });
  emulator.faults.add({ on: "api", kind: "latency", ms: 100, times: 2 });
  const started = performance.now();
  expect((await call()).status).toBe(200);
  expect(performance.now() - started).toBeGreaterThan(245);
  emulator.faults.add({ on: "api", kind: "status", status: 503 });
  expect((await call()).status).toBe(503);
  const logged = emulator.requests();
  expect(logged.map((request) => request.fault)).toEqual(["latency", "status"]);
  expect(logged.map((request) => (request.durationMs as number) > 95)).toEqual([true, true]);
});

test("reset: an RST after the request was read, no byte before it", async () => {
  const { emulator, raw } = await ready();
  emulator.faults.add({ on: "api", kind: "reset" });
  expect(await raw()).toMatchObject({ received: "", ending: "RST" });
  emulator.faults.add({ on: "token", kind: "reset" });
  await expect(askToken(emulator)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
  const [api, token] = emulator.requests();
  expect([api?.fault, api && "status" in api, token && "status" in token]).toEqual(["reset", false, false]);
  expect(token?.clientAuthMethod).toBe("client_secret_post");
});

test("stall: headers and half of the real body, then silence until the client leaves", async () => {
  const { emulator, raw, call } = await ready();
  emulator.faults.add({ on: "api", kind: "stall" });
  const { received, socket } = await raw((text) => bodyOf(text).length > 5 && text.includes("\r\n\r\n"));
  expect(received).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(bodyOf(received)).toMatch(/^\{"tenantId":/);
  expect(Buffer.byteLength(bodyOf(received))).toBe(lengthOf(received) >> 1);
  let more = 0;
  socket.on("data", () => (more += 1)).on("end", () => (more += 1));
  for (let count = 0; count < 20; count += 1) await call();
  expect(more).toBe(0);
  expect(emulator.requests()[0]).toMatchObject({ status: 200, fault: "stall" });
});

test("stall before the headers: no byte", async () => {
  const { emulator, raw, call } = await ready();
  emulator.faults.add({ on: "api", kind: "stall", before: "headers" });
  let received = "";
  void raw((text) => {
    received += text;
    return false;
  });
  await vi.waitFor(() => expect(emulator.requests({ fault: "stall" })).toHaveLength(1));
  for (let count = 0; count < 20; count += 1) await call();
  expect(received).toBe("");
});

test("truncate: half of the real answer under its full length, then FIN", async () => {
  const { emulator, raw, call } = await ready();
  emulator.faults.add({ on: "api", kind: "truncate" });
  const { received, ending } = await raw();
  expect(ending).toBe("FIN");
  expect(lengthOf(received)).toBeGreaterThan(50);
  expect(Buffer.byteLength(bodyOf(received))).toBe(lengthOf(received) >> 1);
  emulator.faults.add({ on: "token", kind: "truncate" });
  const response = await askToken(emulator);
  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  emulator.faults.add({ on: "api", kind: "truncate" });
  expect((await call(WHOAMI, { method: "HEAD" })).status).toBe(200);
});

test("html: 200 with a page", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "token", kind: "html" });
  emulator.faults.add({ on: "api", kind: "html" });
  for (const response of [await askToken(emulator), await call()]) {
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "text/html; charset=utf-8",
    ]);
    expect(await response.text()).toMatch(/^<!doctype html>/);
  }
});

test("redirect: 302 or the given status, to the location", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "api", kind: "redirect", location: "https://elsewhere.example/x" });
  emulator.faults.add({ on: "api", kind: "redirect", location: "/y", status: 308 });
  const redirect = "manual";
  const answers = [await call(WHOAMI, { redirect }), await call(WHOAMI, { redirect })];
  expect(answers.map((answer) => [answer.status, answer.headers.get("location")])).toEqual([
    [302, "https://elsewhere.example/x"],
    [308, "/y"],
  ]);
});

test("reject-token: a good token is refused early, as often as told, then good again", async () => {
  const { emulator, call } = await ready();
  emulator.faults.add({ on: "api", kind: "reject-token", times: 2 });
  const answers = [await call(), await call(), await call()];
  expect(answers.map((answer) => answer.status)).toEqual([401, 401, 200]);
  expect(answers[0]?.headers.get("www-authenticate")).toMatch(/^Bearer error="invalid_token"/);
  expect(emulator.requests()[0]).toMatchObject({
    fault: "reject-token",
    error: "invalid_token",
    status: 401,
  });
});

test("token-response: any JSON or raw text, status and headers, under the endpoint's own headers", async () => {
  const { emulator } = await ready();
  const odd = { access_token: "a", token_type: "bearer", expires_in: null };
  const bodies: [unknown, string][] = [
    [odd, JSON.stringify(odd)],
    [null, "null"],
    ['{"expires_in":1e400', '{"expires_in":1e400'],
    ["", ""],
  ];
  for (const [body, sent] of bodies) {
    emulator.faults.add({ on: "token", kind: "token-response", body });
    const response = await askToken(emulator);
    expect([response.status, await response.text()]).toEqual([200, sent]);
    expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(response.headers.get("cache-control")).toBe("no-store, no-cache, max-age=0");
  }
  const headers = { "content-type": "text/plain", "x-a": "1" };
  emulator.faults.add({ on: "token", kind: "token-response", body: { error: "x" }, status: 403, headers });
  const response = await askToken(emulator);
  expect([response.status, response.headers.get("content-type"), response.headers.get("x-a")]).toEqual([
    403,
    "text/plain",
    "1",
  ]);
  emulator.faults.add({ on: "token", kind: "token-response", body: "ignored", status: 204 });
  const empty = await askToken(emulator);
  expect([empty.status, await empty.text()]).toEqual([204, ""]);
});

const BAD: [Record<string, unknown>, RegExp][] = [
  [{ kind: "explode" }, /fault kind must be one of latency, status, .*; got "explode"/],
  [{ kind: "toString" }, /fault kind/],
  [{ on: "db" }, /fault on must be "token" or "api"; got "db"/],
  [{ kind: "reject-token", on: "token" }, /fault on must be "api" for reject-token/],
  [{ kind: "token-response", body: "" }, /fault on must be "token" for token-response/],
  [{ kind: "token-response", on: "token" }, /fault body must be/],
  [{ kind: "token-response", on: "token", body: 1n }, /fault body must be/],
  [{ times: 0 }, /fault times must be a whole number, 1 or more, or Infinity; got 0/],
  [{ times: 1.5 }, /fault times/],
  [{ times: "always" }, /fault times/],
  [{ path: "api" }, /fault path must be text that begins with \//],
  [{ method: "get" }, /fault method must be an HTTP method in upper case/],
  [{ kind: "latency" }, /fault ms must be milliseconds/],
  [{ kind: "latency", ms: -1 }, /fault ms/],
  [{ kind: "latency", ms: 1e12 }, /fault ms/],
  [{ kind: "latency", ms: Number.NaN }, /fault ms/],
  [{ kind: "status" }, /fault status must be a whole number from 200 to 599; got undefined/],
  [{ kind: "status", status: 101 }, /fault status/],
  [{ kind: "status", status: 600 }, /fault status/],
  [{ kind: "status", status: 500, retryAfter: "a\nb" }, /fault retryAfter/],
  [{ kind: "status", status: 500, retryAfter: {} }, /fault retryAfter/],
  [{ kind: "status", status: 500, headers: { "a b": "c" } }, /fault headers/],
  [{ kind: "status", status: 500, headers: { a: 1 } }, /fault headers/],
  [{ kind: "redirect" }, /fault location/],
  [{ kind: "redirect", location: "/", status: 200 }, /fault status must be a whole number from 300 to 399/],
  [{ kind: "stall", before: "body" }, /fault before must be "headers"; got "body"/],
  [{ kind: "reset", status: 500 }, /fault of kind reset has no member "status"/],
];
test.each(BAD)("a bad fault %# → TypeError naming the member, nothing added", async (changes, message) => {
  const { faults } = await running();
  const definition = { on: "api", kind: "reset", ...changes } as unknown as FaultDefinition;
  expect(() => faults.add(definition)).toThrow(TypeError);
  expect(() => faults.add(definition)).toThrow(message);
  expect(faults.list()).toEqual([]);
});

test("no definition at all → TypeError", async () => {
  const { faults } = await running();
  for (const nothing of [undefined, null, "reset", []])
    expect(() => faults.add(nothing as never)).toThrow(TypeError);
});
