import { startWorkers, type WorkerDefinition } from "@personify-auth/runtimes";
import { expect, onTestFinished, test } from "vitest";
import { storeIn, storeWorker, tokensBinding, tokensWorker } from "./workerd-stores.test.support.ts";

const { signal } = new AbortController();
const token = { sealed: "v1.a.b", expiresAt: Date.now() + 60_000 };

interface Mistake {
  readonly store?: Partial<WorkerDefinition>;
  readonly tokens?: Partial<WorkerDefinition>;
  readonly advice: string;
}

const mistakes: readonly [name: string, mistake: Mistake][] = [
  [
    "a binding to a class of the app's own",
    {
      store: { durableObjects: { TOKENS: { ...tokensBinding.TOKENS, className: "Counter" } } },
      tokens: { durableObjects: { TOKENS: { className: "Counter", useSQLite: true } } },
      advice:
        "The binding names another class than PersonifyTokenStore; correct its class_name in your wrangler.jsonc",
    },
  ],
  [
    "a binding to a class that is no DurableObject",
    {
      store: { durableObjects: { TOKENS: { ...tokensBinding.TOKENS, className: "Legacy" } } },
      tokens: { durableObjects: { TOKENS: { className: "Legacy", useSQLite: true } } },
      advice:
        "The binding names another class than PersonifyTokenStore; correct its class_name in your wrangler.jsonc",
    },
  ],
  [
    "a class without SQLite",
    {
      store: { durableObjects: { TOKENS: { ...tokensBinding.TOKENS, useSQLite: false } } },
      tokens: { durableObjects: { TOKENS: { className: "PersonifyTokenStore", useSQLite: false } } },
      advice:
        "PersonifyTokenStore has no SQLite storage; name it under new_sqlite_classes in your wrangler.jsonc, not new_classes",
    },
  ],
  [
    "a Worker from before methods could be called",
    {
      store: { compatibilityDate: "2024-04-02" },
      advice:
        "The Worker cannot call methods of Durable Objects; raise its compatibility_date to 2024-04-03 or later",
    },
  ],
];

test.each(mistakes)("%s rejects each call with advice", async (_name, { store, tokens, advice }) => {
  const workers = await startWorkers([storeWorker("one", store), { ...tokensWorker, ...tokens }]);
  onTestFinished(() => workers.stop());
  const one = storeIn(workers, "one");

  const calls = await Promise.allSettled([
    one.get("key", { signal }),
    one.set("key", token, { signal }),
    one.lease("key", { ttl: 1_000, signal }),
  ]);

  const reason = expect.objectContaining({ message: advice, advice });
  expect(calls).toEqual(calls.map(() => ({ status: "rejected", reason })));
});

test("the oldest Worker that can call methods needs no flag", async () => {
  const compatibilityDate = "2024-04-03";
  const workers = await startWorkers([
    storeWorker("one", { compatibilityDate }),
    { ...tokensWorker, compatibilityDate },
  ]);
  onTestFinished(() => workers.stop());
  const one = storeIn(workers, "one");

  await one.set("key", token, { signal });

  expect(await one.get("key", { signal })).toEqual(token);
});
