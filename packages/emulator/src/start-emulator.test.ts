import { connect } from "node:net";
import { networkInterfaces } from "node:os";
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
import { startEmulator } from "./index.ts";

/** Taken before any test has started an emulator. */
const globals = [globalThis.Request, globalThis.Response, globalThis.fetch];

test("URLs are on 127.0.0.1, on a free port, without a slash at the end", async () => {
  const [one, other] = [await running(), await running()];
  expect(one.apiBaseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(one.tokenUrl).toBe(`${one.apiBaseUrl}/connect/token`);
  expect(other.apiBaseUrl).not.toBe(one.apiBaseUrl);
});

test("its settings as environment variables are those of the default client", async () => {
  const { env, credentials, apiBaseUrl, tokenUrl } = await running();
  expect(env).toEqual({
    PERSONIFY_CLIENT_ID: credentials.clientId,
    PERSONIFY_CLIENT_SECRET: credentials.clientSecret,
    PERSONIFY_TENANT_ID: credentials.tenantId,
    PERSONIFY_SCOPE: "idp_api",
    PERSONIFY_API_BASE_URL: apiBaseUrl,
    PERSONIFY_TOKEN_URL: tokenUrl,
    PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
  });
});

test("a given port is used; a port in use is refused with the system's error", async () => {
  const first = await startEmulator();
  const port = Number(new URL(first.apiBaseUrl).port);
  await expect(startEmulator({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await first.close();
  const second = await running({ port });
  expect(second.apiBaseUrl).toBe(first.apiBaseUrl);
});

test("other addresses of this machine are not listened on", async () => {
  const emulator = await running();
  const port = Number(new URL(emulator.apiBaseUrl).port);
  const others = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const addresses = ["127.0.0.2", ...others.filter((each) => !each.internal).map((each) => each.address)];
  for (const host of addresses) {
    const answered = await new Promise((resolve) => {
      const socket = connect({ port, host }, () => resolve(true)).on("error", () => resolve(false));
      socket.unref();
    });
    expect([host, answered]).toEqual([host, false]);
  }
});

test.each([
  [{ port: -1 }, /port must be a whole number from 0 to 65535; got -1/],
  [{ port: 65_536 }, /port/],
  [{ port: 1.5 }, /port/],
  [{ port: "8080" as never }, /port .*got "8080"/],
  [{ seed: 0.5 }, /seed must be a whole number; got 0.5/],
  [{ profile: "okta" as never }, /profile must be "identityserver" or "rfc6749"; got "okta"/],
  [{ host: "0.0.0.0" } as never, /no member "host"; use one of port, seed, profile/],
  [null as never, /options must be an object; got null/],
])("bad options %j → TypeError", async (options, message) => {
  await expect(startEmulator(options)).rejects.toThrow(TypeError);
  await expect(startEmulator(options)).rejects.toThrow(message);
});

test("credentials: the default client's, for the first tenant", async () => {
  const { credentials, tenants } = await running();
  expect(credentials).toEqual({
    clientId: "exhibitor-portal",
    clientSecret: expect.stringMatching(/^[0-9a-f]{32}$/),
    tenantId: tenants[0]?.id,
    scope: "idp_api",
  });
});

test("the short-lived client gets 2 s and its own scopes, the third one no grant", async () => {
  const emulator = await running();
  const { shortLived, withoutGrant } = emulator.otherCredentials;
  const short = await postToken(emulator, form(shortLived));
  expect(await short.json()).toMatchObject({ expires_in: 2, scope: "idp_api floorplan" });
  const without = await postToken(emulator, form(withoutGrant));
  expect(await without.json()).toMatchObject({ error: "unauthorized_client" });
});

test("close ends every connection at once, idle or held by a fault, and may be called again", async () => {
  const emulator = await startEmulator();
  emulator.faults.add({ on: "token", kind: "stall", before: "headers" });
  emulator.faults.add({ on: "api", kind: "latency", ms: 1e9 });
  const held = [
    postToken(emulator, form(emulator.credentials)),
    callApi(emulator, "none", "/api/v1/whoami"),
    callApi(emulator, "none", "/nothing").then((response) => response.text()),
  ];
  const outcomes = Promise.allSettled(held);
  await vi.waitFor(() => expect(emulator.requests({ fault: "latency" })).toHaveLength(1));
  await vi.waitFor(() => expect(emulator.requests({ fault: "stall" })).toHaveLength(1));
  await vi.waitFor(() => expect(emulator.requests({ status: 404 })).toHaveLength(1));
  await Promise.all([emulator.close(), emulator.close()]);
  await emulator.close();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual(["rejected", "rejected", "fulfilled"]);
  await expect(fetch(emulator.apiBaseUrl)).rejects.toThrow();
});

test("the globals of the process and its console are left alone", async () => {
  const printed = (["log", "info", "warn", "error"] as const).map((level) => vi.spyOn(console, level));
  const emulator = await running();
  const token = await getToken(emulator);
  await callApi(emulator, token, "/api/v1/whoami");
  emulator.faults.add({ on: "api", kind: "reset" });
  await expect(callApi(emulator, token, "/api/v1/whoami")).rejects.toThrow();
  await sendRaw(emulator, rawGet("/api/\\", "Connection: close"));
  expect([globalThis.Request, globalThis.Response, globalThis.fetch]).toEqual(globals);
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
});
