import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { PersonifyEvent } from "@personify-auth/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { type RunningWorkers, startWorkers } from "@personify-auth/runtimes";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokensBinding, tokensWorker } from "./workerd-stores.test.support.ts";

const isolates = ["one", "two", "three"];
const clientsEach = 20;

let emulator: Emulator;
let workers: RunningWorkers;

beforeAll(async () => {
  emulator = await startEmulator();
  const entry = join(import.meta.dirname, "client-on-workerd.test.support.ts");
  const bindings = { UPSTREAM: emulator.apiBaseUrl };
  const apps = isolates.map((name) => ({ name, entry, bindings, durableObjects: tokensBinding }));
  workers = await startWorkers([...apps, tokensWorker]);
});
afterAll(async () => {
  await workers?.stop();
  await emulator?.close();
});

test("60 clients in three isolates that start together make one token request", async () => {
  const { answers, tokenRequests } = await startTogether();
  expect(answers.map(({ status }) => status)).toEqual(Array(isolates.length * clientsEach).fill(200));
  expect(tokenRequests).toBe(1);
}, 120_000);

/** Again where the machine was too busy for the 250 ms that a store's call has: each client then fetches for itself. */
async function startTogether(tries = 5) {
  const credentials = { clientId: randomUUID(), clientSecret: randomUUID() };
  emulator.clients.add(credentials);
  emulator.clearRequests();
  const body = JSON.stringify({ ...credentials, tenantId: emulator.credentials.tenantId });
  const urls = await Promise.all(isolates.map((name) => workers.urlOf(name)));
  const answers = await Promise.all(
    Array.from({ length: clientsEach }, () => urls)
      .flat()
      .map(async (url) => {
        const answer = await fetch(url, { method: "POST", body });
        return (await answer.json()) as { status: number; events: PersonifyEvent[] };
      }),
  );
  const wasLate = answers.some(({ events }) =>
    events.some((event) => event.type === "store_failed" && event.reason === "timeout"),
  );
  if (wasLate && tries > 1) return startTogether(tries - 1);
  return { answers, tokenRequests: emulator.requests({ kind: "token" }).length };
}
