import { hash } from "node:crypto";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { createClock } from "./clock.ts";
import {
  callApi,
  form,
  getToken,
  postToken,
  rawGet,
  running,
  sendRaw,
} from "./emulator-client.test.support.ts";
import { createRequestLog } from "./request-log.ts";

test("a token request: parameters and client authentication, no secret", async () => {
  const emulator = await running();
  const body = form(emulator.credentials, { scope: "idp_api", audience: "a" });
  body.append("resource", emulator.apiBaseUrl);
  body.append("resource", emulator.apiBaseUrl);
  const { access_token } = (await (await postToken(emulator, body)).json()) as { access_token: string };
  expect(emulator.requests()).toEqual([
    {
      id: 1,
      at: expect.any(Number),
      kind: "token",
      method: "POST",
      path: "/connect/token",
      query: {},
      headers: expect.objectContaining({ "content-type": "application/x-www-form-urlencoded;charset=UTF-8" }),
      status: 200,
      durationMs: expect.any(Number),
      clientId: "exhibitor-portal",
      tokenId: emulator.tokens.alive()[0]?.id,
      clientAuthMethod: "client_secret_post",
      parameters: {
        grant_type: "client_credentials",
        client_id: "exhibitor-portal",
        client_secret: "(masked)",
        scope: "idp_api",
        audience: "a",
        resource: [emulator.apiBaseUrl, emulator.apiBaseUrl],
      },
    },
  ]);
  const printed = JSON.stringify(emulator.requests());
  expect(printed).not.toContain(emulator.credentials.clientSecret);
  expect(printed).not.toContain(access_token);
});

test("the ways of client authentication", async () => {
  const emulator = await running();
  const authorization = `Basic ${Buffer.from("exhibitor-portal:s3cret-text").toString("base64")}`;
  const good = form(emulator.credentials);
  const without = form(emulator.credentials, { client_id: undefined, client_secret: undefined });
  await postToken(emulator, good);
  await postToken(emulator, without, { authorization });
  await postToken(emulator, good, { authorization });
  await postToken(emulator, without);
  const logged = emulator.requests();
  expect(logged.map((request) => [request.clientAuthMethod, request.clientId, request.error])).toEqual([
    ["client_secret_post", "exhibitor-portal", undefined],
    ["client_secret_basic", "exhibitor-portal", "invalid_client"],
    ["multiple", "exhibitor-portal", "invalid_request"],
    ["none", undefined, "invalid_client"],
  ]);
  expect(logged[1]?.headers["authorization"]).toBe("Basic (masked)");
  expect(JSON.stringify(logged)).not.toContain(authorization.slice(6));
});

test("an API call: client, tenant, token id, query, error; the token itself only as a short SHA-256", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  emulator.clearRequests();
  const { tenantId } = emulator.credentials;
  await callApi(emulator, token, "/api/v1/whoami?a=1&b=2&b=3&access_token=hush&__proto__=x");
  await callApi(emulator, "made-up", "/api/v1/whoami");
  const [good, bad] = emulator.requests();
  const id = hash("sha256", token, "base64url").slice(0, 12);
  expect(good).toMatchObject({
    kind: "api",
    status: 200,
    clientId: "exhibitor-portal",
    tenantId,
    tokenId: id,
  });
  expect(Object.entries(good?.query ?? {})).toEqual([
    ["a", "1"],
    ["b", ["2", "3"]],
    ["access_token", "(masked)"],
    ["__proto__", "x"],
  ]);
  expect(good?.headers).toMatchObject({ authorization: `Bearer sha256:${id}`, "x-tenant-id": tenantId });
  expect(bad).toMatchObject({ status: 401, error: "invalid_token", tenantId });
  expect(bad).not.toHaveProperty("clientId");
  expect(JSON.stringify([good, bad])).not.toMatch(new RegExp(`${token}|made-up|hush`));
});

test("repeated headers show all values; other secret headers are masked", async () => {
  const emulator = await running();
  const lines = [
    "X-A: 1",
    "x-a: 2",
    "Cookie: sid=hush",
    "X-Api-Key: hush",
    "Authorization: hush",
    "Connection: close",
  ];
  await sendRaw(emulator, rawGet("/other", ...lines));
  const [request] = emulator.requests();
  expect(request?.headers).toMatchObject({ "x-a": ["1", "2"], cookie: "(masked)", "x-api-key": "(masked)" });
  expect(request?.headers["authorization"]).toBe("(masked)");
});

test("no secret is shown where one was sent in the wrong way or place", async () => {
  const emulator = await running();
  const secret = "s3cret-astray";
  const bodies: [body: string, logged: Record<string, string>][] = [
    [`{"client_id":"x","client_secret":"${secret}"}`, { "(not a name)": "(masked)" }],
    [
      `--b\r\nContent-Disposition: form-data; name="client_secret"\r\n\r\n${secret}\r\n--b--`,
      { "(not a name)": "(masked)" },
    ],
    [`client_secret%3D${secret}`, { "(not a name)": "(masked)" }],
    [`client_id=x;client_secret=${secret}`, { client_id: "x;client_secret=(masked)" }],
    [`api-key=${secret}&pwd=${secret}`, { "api-key": "(masked)", pwd: "(masked)" }],
    ["subject_token_type=jwt-like&scope=a", { subject_token_type: "jwt-like", scope: "a" }],
  ];
  for (const [body, logged] of bodies) {
    await postToken(emulator, body);
    expect(emulator.requests().at(-1)?.parameters).toEqual(logged);
  }
  const headers = {
    authorization: `${secret} x`,
    referer: `http://app.test/?a=1&access_token=${secret}&b=2`,
    "x-authorization": `Bearer ${secret}`,
  };
  const back = encodeURIComponent(`/callback?code=${secret}`);
  await fetch(`${emulator.apiBaseUrl}/api/v1/x;token=${secret}?${"t0ken".repeat(9)}&back=${back}`, {
    headers,
  });
  expect(emulator.requests().at(-1)).toMatchObject({
    path: "/api/v1/x;token=(masked)",
    query: { "(not a name)": "(masked)", back: "/callback?code=(masked)" },
    headers: {
      authorization: "(masked)",
      referer: "http://app.test/?a=1&access_token=(masked)&b=2",
      "x-authorization": "(masked)",
    },
  });
  expect(JSON.stringify(emulator.requests())).not.toMatch(/s3cret-astray|t0ken/);
});

test("every kind is logged in order, malformed targets too; the answer's status is there when it arrives", async () => {
  const emulator = await running();
  await postToken(emulator, "x");
  expect(emulator.requests().at(-1)?.status).toBe(400);
  await fetch(`${emulator.apiBaseUrl}/api/x`);
  await fetch(`${emulator.apiBaseUrl}/__emulator/state`);
  await fetch(`${emulator.apiBaseUrl}/favicon.ico`);
  const { received } = await sendRaw(emulator, rawGet("/api/\\x", "Connection: close"));
  expect(received).toMatch(/^HTTP\/1\.1 400 /);
  await vi.waitFor(() => expect(emulator.requests().at(-1)?.status).toBe(400));
  const logged = emulator.requests();
  expect(logged.map((request) => request.kind)).toEqual(["token", "api", "control", "other", "api"]);
  expect(logged.map((request) => request.id)).toEqual([1, 2, 3, 4, 5]);
});

test("status and duration are known when the headers arrive, however long the body takes", async () => {
  const emulator = await running();
  emulator.faults.add({ on: "token", kind: "token-response", body: "x".repeat(30_000_000) });
  const response = await postToken(emulator, form(emulator.credentials));
  expect(emulator.requests()[0]).toMatchObject({ status: 200, durationMs: expect.any(Number) });
  await response.body?.cancel();
});

test("at is the emulator's time", async () => {
  const emulator = await running();
  emulator.clock.advance(1e9);
  await postToken(emulator, "x");
  expect(Math.abs((emulator.requests()[0]?.at as number) - emulator.clock.now())).toBeLessThan(10_000);
});

test("a pending request has no status yet", async () => {
  const emulator = await running();
  emulator.faults.add({ on: "api", kind: "stall", before: "headers" });
  const call = callApi(emulator, "t", "/api/v1/whoami", { signal: AbortSignal.timeout(300) });
  await expect(call).rejects.toThrow();
  const [request] = emulator.requests();
  expect(request).toMatchObject({ kind: "api", fault: "stall" });
  expect(request).not.toHaveProperty("status");
  await vi.waitFor(() => expect(emulator.requests()[0]?.durationMs).toBeGreaterThan(0));
  expect(emulator.requests()[0]).not.toHaveProperty("status");
});

test("a request whose client left before its end was never answered: no status, no token", async () => {
  const emulator = await running();
  const body = form(emulator.credentials).toString();
  const head = [
    "POST /connect/token HTTP/1.1",
    "Host: 127.0.0.1",
    "Content-Type: application/x-www-form-urlencoded",
    `Content-Length: ${body.length + 1}`,
  ].join("\r\n");
  const socket = connect(Number(new URL(emulator.apiBaseUrl).port), "127.0.0.1");
  socket.write(`${head}\r\n\r\n${body}`);
  await vi.waitFor(() => expect(emulator.requests()).toHaveLength(1));
  socket.destroy();
  await vi.waitFor(() => expect(emulator.requests()[0]).toHaveProperty("durationMs"));
  await postToken(emulator, "another one, so that the first one's handling is over");
  expect(emulator.requests()[0]).not.toHaveProperty("status");
  expect(emulator.requests()[0]).not.toHaveProperty("error");
  expect(emulator.tokens.alive()).toEqual([]);
});

test("filters by equality, refuses unknown members; clearRequests empties the log", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  await callApi(emulator, token, "/api/v1/whoami");
  await callApi(emulator, "x", "/api/v1/whoami");
  expect(emulator.requests({ kind: "api" })).toHaveLength(2);
  expect(emulator.requests({ kind: "api", status: 401 })).toHaveLength(1);
  expect(emulator.requests({ clientId: "exhibitor-portal", path: "/connect/token" })).toHaveLength(1);
  expect(() => emulator.requests({ client: "x" } as never)).toThrow(TypeError);
  emulator.clearRequests();
  expect(emulator.requests()).toEqual([]);
});

test("what is returned is a copy", async () => {
  const emulator = await running();
  await postToken(emulator, "x");
  (emulator.requests()[0] as { path: string }).path = "changed";
  expect(emulator.requests()[0]?.path).toBe("/connect/token");
});

test("the last 50,000 requests are kept", () => {
  const log = createRequestLog(createClock());
  const incoming = { url: "/api/", method: "GET", rawHeaders: [] } as never;
  for (let count = 0; count < 120_001; count += 1) log.open(incoming);
  const ids = log.list().map((request) => request.id);
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([50_000, 70_002, 120_001]);
});
