import { join } from "node:path";
import { startEmulator } from "@personify-auth/emulator";
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

async function whoami(): Promise<number> {
  const headers = { "x-tenant-id": emulator.credentials.tenantId };
  return (await fetch(new URL("/whoami", url), { headers })).status;
}

test("on workerd, a token that the API rejects is renewed and the call replayed", async () => {
  expect(await whoami()).toBe(200);
  emulator.tokens.revoke();
  expect(await whoami()).toBe(200);
  expect(emulator.requests({ kind: "token" })).toHaveLength(2);
});

test("on workerd, the function of the bindings is called once, not for each request", async () => {
  await whoami();
  await whoami();
  expect(await (await fetch(new URL("/asked", url))).json()).toBe(1);
});
