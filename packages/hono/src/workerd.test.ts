import { startEmulator, type Tenant } from "@personify-auth/emulator";
import { build } from "esbuild";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";

const worker = `
import { Hono } from "hono";
import { personify } from "@personify-auth/hono";

let asked = 0;
export default new Hono()
  .use(personify((env) => {
    asked++;
    return {
      clientId: env.CLIENT_ID, clientSecret: env.CLIENT_SECRET, allowInsecureHttp: "loopback",
      apiBaseUrl: env.API_BASE_URL, tokenUrl: env.TOKEN_URL,
      tenantId: (c) => c.req.header("x-tenant-id"),
    };
  }))
  .get("/whoami", async (c) => c.json(await c.var.personify.get("/api/v1/whoami")))
  .get("/asked", (c) => c.json(asked));
`;

let emulator: Awaited<ReturnType<typeof startEmulator>>;
let workerd: Miniflare;
let url: URL;

beforeAll(async () => {
  emulator = await startEmulator();
  const { outputFiles } = await build({
    stdin: { contents: worker, resolveDir: import.meta.dirname },
    bundle: true,
    format: "esm",
    // What a bundler for workerd resolves, from source.
    conditions: ["@personify-auth/source", "workerd", "worker"],
    write: false,
  });
  workerd = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
    host: "127.0.0.1",
    // Otherwise it asks the network where it is.
    cf: false,
    bindings: {
      CLIENT_ID: emulator.credentials.clientId,
      CLIENT_SECRET: emulator.credentials.clientSecret,
      API_BASE_URL: emulator.apiBaseUrl,
      TOKEN_URL: emulator.tokenUrl,
    },
  });
  url = await workerd.ready;
});
afterAll(async () => {
  await workerd?.dispose();
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
