import { expect, test } from "vitest";
import {
  callApi,
  form,
  getToken,
  postToken,
  rawGet,
  running,
  sendRaw,
} from "./emulator-client.test.support.ts";

const WHOAMI = "/api/v1/whoami";

async function refusalOf(response: Response): Promise<[number, string, string | null]> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as { status: number; code: string; detail: string; title: string };
  expect(problem.status).toBe(response.status);
  return [response.status, problem.code, response.headers.get("www-authenticate")];
}

test("no token → 401 with a bare challenge (RFC 6750 §3.1), for paths that do not exist too", async () => {
  const emulator = await running();
  for (const path of [WHOAMI, "/api/v1/nothing", "/api/"]) {
    expect(await refusalOf(await fetch(emulator.apiBaseUrl + path))).toEqual([
      401,
      "missing_token",
      "Bearer",
    ]);
  }
});

test("a made-up, a changed or another emulator's token, another scheme → 401 invalid_token", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  const foreign = await getToken(await running());
  const sent = [
    "Bearer x",
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${foreign}`,
    `Basic ${token}`,
    token,
  ];
  for (const authorization of sent) {
    const [status, code, challenge] = await refusalOf(
      await callApi(emulator, "", WHOAMI, { headers: { authorization } }),
    );
    expect([status, code]).toEqual([401, "invalid_token"]);
    expect(challenge).toMatch(/^Bearer error="invalid_token", error_description="[\w' ]+"$/);
  }
  expect(
    (await callApi(emulator, token, WHOAMI, { headers: { authorization: `bearer ${token}` } })).status,
  ).toBe(200);
});

test("a token expires by the emulator's clock, to the millisecond", async () => {
  const emulator = await running();
  const { shortLived } = emulator.otherCredentials;
  for (const [credentials, lifetime] of [
    [emulator.credentials, 3600],
    [shortLived, 2],
  ] as const) {
    const token = await getToken(emulator, credentials);
    const [alive] = emulator.tokens.alive().slice(-1);
    expect((alive?.expiresAt as number) - (alive?.issuedAt as number)).toBe(lifetime * 1000);
    expect((await callApi(emulator, token, WHOAMI)).status).toBe(200);
    emulator.clock.advance((alive?.expiresAt as number) - emulator.clock.now());
    const [status, code, challenge] = await refusalOf(await callApi(emulator, token, WHOAMI));
    expect([status, code, challenge]).toEqual([401, "invalid_token", expect.stringContaining("expired")]);
  }
});

test("an hour passes on the clock, no earlier than an hour: a token lives until its last second", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  emulator.clock.advance(3_590_000);
  expect((await callApi(emulator, token, WHOAMI)).status).toBe(200);
  emulator.clock.advance(10_000);
  expect((await callApi(emulator, token, WHOAMI)).status).toBe(401);
});

test("the clock follows real time, goes forward only", async () => {
  const { clock } = await running();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
  clock.advance(5_000);
  clock.advance(0);
  expect(Math.abs(clock.now() - Date.now() - 5_000)).toBeLessThan(1000);
  for (const wrong of [-1, Number.NaN, Infinity, 1e300, "5" as never]) {
    expect(() => clock.advance(wrong)).toThrow(TypeError);
  }
});

test("revoke: every token until now, or one client's; later tokens are good", async () => {
  const emulator = await running();
  const { shortLived } = emulator.otherCredentials;
  const [main, other] = [await getToken(emulator), await getToken(emulator, shortLived)];
  const statuses = async () => [
    (await callApi(emulator, main, WHOAMI)).status,
    (await callApi(emulator, other, WHOAMI)).status,
  ];
  expect(emulator.tokens.alive().map((token) => token.clientId)).toEqual([
    "exhibitor-portal",
    "floorplan-sync",
  ]);
  expect(emulator.tokens.revoke({ clientId: shortLived.clientId })).toBe(1);
  expect(await statuses()).toEqual([200, 401]);
  expect(emulator.tokens.revoke()).toBe(1);
  expect(await statuses()).toEqual([401, 401]);
  expect(emulator.tokens.alive()).toEqual([]);
  expect((await callApi(emulator, await getToken(emulator), WHOAMI)).status).toBe(200);
  expect(() => emulator.tokens.revoke({ client: "x" } as never)).toThrow(/no member "client"/);
  expect(() => emulator.tokens.revoke({ clientId: 1 } as never)).toThrow(TypeError);
});

test("alive lists tokens without their values", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  expect(emulator.tokens.alive()).toEqual([
    {
      id: expect.stringMatching(/^[\w-]{12}$/),
      clientId: "exhibitor-portal",
      scope: "idp_api",
      issuedAt: expect.any(Number),
      expiresAt: expect.any(Number),
    },
  ]);
  expect(JSON.stringify(emulator.tokens.alive())).not.toContain(token.slice(-20));
});

test("a token without the scope idp_api → 403 insufficient_scope", async () => {
  const emulator = await running();
  const body = form(emulator.otherCredentials.shortLived, { scope: "floorplan" });
  const { access_token } = (await (await postToken(emulator, body)).json()) as { access_token: string };
  expect(await refusalOf(await callApi(emulator, access_token, WHOAMI))).toEqual([
    403,
    "insufficient_scope",
    'Bearer error="insufficient_scope", scope="idp_api"',
  ]);
});

test("X-Tenant-Id: missing, empty or repeated → 400; unknown → 403; the token is looked at first", async () => {
  const emulator = await running();
  const authorization = `Bearer ${await getToken(emulator)}`;
  const send = (headers: Record<string, string>) => fetch(emulator.apiBaseUrl + WHOAMI, { headers });
  expect(await refusalOf(await send({ authorization }))).toEqual([400, "missing_tenant", null]);
  expect(await refusalOf(await send({ authorization, "x-tenant-id": "" }))).toEqual([
    400,
    "missing_tenant",
    null,
  ]);
  expect(await refusalOf(await send({ authorization, "x-tenant-id": "nobody" }))).toEqual([
    403,
    "unknown_tenant",
    null,
  ]);
  expect((await send({ authorization: "Bearer x", "x-tenant-id": "nobody" })).status).toBe(401);
  const tenant = `X-Tenant-Id: ${emulator.credentials.tenantId}`;
  const repeated = rawGet(WHOAMI, `Authorization: ${authorization}`, tenant, tenant, "Connection: close");
  expect((await sendRaw(emulator, repeated)).received).toMatch(/^HTTP\/1\.1 400 .*"missing_tenant"/s);
});

test("two Authorization headers → 400, though both are good", async () => {
  const emulator = await running();
  const authorization = `Authorization: Bearer ${await getToken(emulator)}`;
  const tenant = `X-Tenant-Id: ${emulator.credentials.tenantId}`;
  const twice = rawGet(WHOAMI, authorization, authorization, tenant, "Connection: close");
  expect((await sendRaw(emulator, twice)).received).toMatch(/^HTTP\/1\.1 400 .*"invalid_request"/s);
  const once = rawGet(WHOAMI, authorization, tenant, "Connection: close");
  expect((await sendRaw(emulator, once)).received).toMatch(/^HTTP\/1\.1 200 /);
});

test("a client restricted to some tenants → 403 for the others", async () => {
  const emulator = await running();
  const [first, second] = emulator.tenants.map((tenant) => tenant.id) as [string, string];
  const credentials = { clientId: "second-only", clientSecret: "s" };
  emulator.clients.add({ ...credentials, tenants: [second] });
  const token = await getToken(emulator, credentials);
  const as = (tenantId: string) => callApi(emulator, token, WHOAMI, { headers: { "x-tenant-id": tenantId } });
  expect(await refusalOf(await as(first))).toEqual([403, "tenant_not_allowed", null]);
  expect((await as(second)).status).toBe(200);
  emulator.clients.update(credentials.clientId, { tenants: "all" });
  expect((await as(first)).status).toBe(200);
});
