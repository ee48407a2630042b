import { join } from "node:path";
import type { StoredToken, TokenStore } from "@personify-auth/core";
import type { RunningWorkers, WorkerDefinition } from "@personify-auth/runtimes";

/** What the worker of a store is asked, as JSON. */
export type StoreRequest = {
  readonly key: string;
  /** The clock of the process that the worker stands for. */
  readonly now: number;
  readonly aborted: "before" | "during" | "never";
} & (
  | { readonly operation: "get" | "stored" | "goOff" }
  | { readonly operation: "set"; readonly token: StoredToken; readonly replaces: string | undefined }
  | { readonly operation: "lease"; readonly ttl: number }
  | { readonly operation: "release"; readonly lease: string }
);

type Call<Request = StoreRequest> = Request extends StoreRequest ? Omit<Request, "now" | "aborted"> : never;

const file = (name: string) => join(import.meta.dirname, `${name}-on-workerd.test.support.ts`);

const className = "PersonifyTokenStore";

/** The binding of a Worker to the class that the worker `tokens` has. */
export const tokensBinding = { TOKENS: { className, scriptName: "tokens", useSQLite: true } };

/** The worker that has the Durable Objects. */
export const tokensWorker: WorkerDefinition = {
  name: "tokens",
  entry: file("tokens"),
  durableObjects: { TOKENS: { className, useSQLite: true } },
};

/** A worker that stands for a process, with a store of its own. */
export function storeWorker(name: string, changes: Partial<WorkerDefinition> = {}): WorkerDefinition {
  return { name, entry: file("store"), durableObjects: tokensBinding, ...changes };
}

/** The store of a worker, from here. */
export function storeIn(workers: RunningWorkers, name: string) {
  async function ask(call: Call, signal?: AbortSignal): Promise<unknown> {
    const wasAborted = signal?.aborted;
    // Who aborts a call does so once it has begun.
    await undefined;
    const aborted = wasAborted ? "before" : signal?.aborted ? "during" : "never";
    const body = JSON.stringify({ ...call, aborted, now: Date.now() });
    const answer = await fetch(await workers.urlOf(name), { method: "POST", body });
    const { value, error } = (await answer.json()) as { value?: unknown; error?: { message: string } };
    if (error !== undefined) throw Object.assign(new Error(error.message), error);
    return value;
  }

  const store: Required<TokenStore> = {
    get: async (key, { signal }) => (await ask({ operation: "get", key }, signal)) as StoredToken | undefined,
    set: async (key, token, { signal, replaces }) =>
      void (await ask({ operation: "set", key, token, replaces }, signal)),
    async lease(key, { ttl, signal }) {
      const lease = (await ask({ operation: "lease", key, ttl }, signal)) as string | undefined;
      return lease === undefined
        ? undefined
        : { release: async () => void (await ask({ operation: "release", key, lease })) };
    },
  };
  return {
    ...store,
    stored: async (key: string) => (await ask({ operation: "stored", key })) as string[],
    goOff: async (key: string) => void (await ask({ operation: "goOff", key })),
  };
}
