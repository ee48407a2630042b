import {
  createPersonifyClient,
  memoryTokenStore,
  type PersonifyClientOptions,
  type PersonifyEvent,
} from "@personify-auth/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { onTestFinished, vi } from "vitest";
import { openTelemetry } from "./open-telemetry.ts";

/** An id and a query that must not show. */
export const secretive = { id: "id-4711", query: "query-4711" };

export const template = "/api/v1/nowhere/{id}";

/** An emulator that closes with the test, and options of a client of it that OpenTelemetry sees. */
export async function emulated(): Promise<{ emulator: Emulator; options: PersonifyClientOptions }> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const { tokenUrl, apiBaseUrl } = emulator;
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  const options: PersonifyClientOptions = {
    ...{ clientId, clientSecret, tenantId, tokenUrl, apiBaseUrl },
    allowInsecureHttp: "loopback",
    retry: { baseDelay: 1, maxDelay: 1 },
    ...openTelemetry(),
  };
  return { emulator, options };
}

/** Lets happen all that an event tells of. */
export async function letEverythingHappen(): Promise<void> {
  const { emulator, options } = await emulated();
  const tokenStore = memoryTokenStore();
  const refreshFailed = Promise.withResolvers<void>();
  const onEvent = (event: PersonifyEvent) => {
    options.onEvent?.(event);
    if (event.type === "token_refresh_failed") refreshFailed.resolve();
  };
  const client = createPersonifyClient({ ...options, tokenStore, onEvent });
  emulator.faults.add({ on: "token", kind: "status", status: 503, retryAfter: 0 });
  emulator.faults.add({ on: "api", kind: "reject-token" });
  emulator.faults.add({ on: "api", kind: "status", status: 503, retryAfter: 0 });
  await client.get("/api/v1/whoami", { path: {} });

  const path = { id: secretive.id };
  await client.get(template, { path, query: { key: secretive.query } }).catch(() => {});
  await client.get(`/api/v1/nowhere/${secretive.id}?key=${secretive.query}`).catch(() => {});

  await createPersonifyClient({ ...options, tokenStore }).getAccessToken();

  const full = () => Promise.reject(new Error("full"));
  await createPersonifyClient({ ...options, tokenStore: { get: full, set: full } }).getAccessToken();

  // Late in the life of a token of an hour.
  const [wall, monotonic] = [Date.now(), performance.now()];
  vi.spyOn(Date, "now").mockReturnValue(wall + 3_100_000);
  vi.spyOn(performance, "now").mockReturnValue(monotonic + 3_100_000);
  onTestFinished(() => void vi.restoreAllMocks());
  emulator.faults.add({ on: "token", kind: "status", status: 400 });
  await client.getAccessToken();
  await refreshFailed.promise;
  vi.restoreAllMocks();
}
