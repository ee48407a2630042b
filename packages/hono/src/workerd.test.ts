import { join } from "node:path";
import { startEmulator, type Tenant } from "@personify-auth/emulator";
import { type RunningWorker, startWorker } from "@personify-auth/runtimes";
import { afterAll, beforeAll, expect, test } from "vitest";

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let workerd: RunningWorker;
let url: URL;

beforeAll(async () => {
  emulator = await startEmulator();
  workerd = await startWorker(join(import.meta.dirname, "bindings-on-workerd.test.support.ts"), {
    CLIENT_ID: emulator.credentials.clientId,
    CLIENT_SECRET: emulator.credentials.clientSecret,
    API_BASE_URL: emulator.apiBaseUrl,
    TOKEN_URL: emulator.tokenUrl,
  });
  ({ url } = workerd);
});
afterAll(async () => {
  await workerd?.stop();
  await emulator?.close();
});

async function whoami(tenantId: string): Promise<{ status: number; body: string }> {
  const answer = await fetch(new URL("/whoami", url), { headers: { "x-tenant-id": tenantId } });
  return { status: answer.status, body: await answer.text() };
}

test("on workerd, concurrent requests of two tenants share one token and are never mixed", async () => {
  const tenants = emulator.tenants as readonly [Tenant, Tenant];
  await Promise.all(
    Array.from({ length: 60 }, async (_, index) => {
      const { id } = index % 2 === 0 ? tenants[0] : tenants[1];
      const { status, body } = await whoami(id);
      expect(status).toBe(200);
      expect(JSON.parse(body)).toMatchObject({ tenantId: id });
    }),
  );
  expect(emulator.requests({ kind: "token" })).toHaveLength(1);
});

test("on workerd, a token that the API rejects is renewed and the call replayed", async () => {
  const before = emulator.requests({ kind: "token" }).length;
  emulator.tokens.revoke();
  expect((await whoami(emulator.credentials.tenantId)).status).toBe(200);
  expect(emulator.requests({ kind: "token" })).toHaveLength(before + 1);
});

test("on workerd, the function of the bindings is called once, not for each request", async () => {
  await whoami(emulator.credentials.tenantId);
  await whoami(emulator.credentials.tenantId);
  expect(await (await fetch(new URL("/asked", url))).json()).toBe(1);
});

test("on workerd, an uncaught error answers with its own status and nothing of the upstream", async () => {
  expect(await whoami("not a tenant id")).toEqual({ status: 400, body: "Bad Request" });
  emulator.faults.add({ on: "api", kind: "status", status: 500, body: "upstream secret", times: 3 });
  expect(await whoami(emulator.credentials.tenantId)).toEqual({ status: 502, body: "Bad Gateway" });
});
