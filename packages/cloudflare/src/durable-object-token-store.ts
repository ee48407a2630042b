import type { StoredToken, TokenStore } from "@personify-auth/core";

/** What is used of `DurableObjectNamespace<PersonifyTokenStore>`. */
export interface TokenStoreNamespace {
  /** The object of that name, wherever it runs. */
  getByName(name: string): TokenStoreStub;
}

interface TokenStoreStub {
  get(): Promise<StoredToken | undefined>;
  set(token: StoredToken, replaces?: string): Promise<void>;
  lease(holder: string, ttl: number): Promise<boolean>;
  release(holder: string): Promise<void>;
}

/**
 * A token store for all isolates of a Worker, wherever they run: each credential set has a Durable Object of its own.
 *
 * @param namespace - The binding whose class is `PersonifyTokenStore`.
 * @throws TypeError where it is no namespace of Durable Objects. A call rejects with an error whose `advice` says what
 * to change where the binding names another class, the class has no SQLite, or the Worker is too old.
 */
export function durableObjectTokenStore(namespace: TokenStoreNamespace): Required<TokenStore> {
  if (typeof namespace?.getByName !== "function") {
    throw new TypeError(
      "durableObjectTokenStore: expected a namespace of Durable Objects; bind PersonifyTokenStore under " +
        "durable_objects.bindings in your wrangler.jsonc, and pass that binding of env",
    );
  }

  async function ask<T>(key: string, call: (object: TokenStoreStub) => Promise<T>): Promise<T> {
    try {
      // A stub that broke stays broken, so each call has its own.
      return await call(namespace.getByName(key));
    } catch (error) {
      const advice = adviceFor(error);
      throw advice === undefined ? error : Object.assign(new Error(advice), { advice });
    }
  }

  return {
    get: (key) => ask(key, (object) => object.get()),
    set: (key, token, { replaces }) => ask(key, (object) => object.set(token, replaces)),
    async lease(key, { ttl, signal }) {
      const holder = crypto.randomUUID();
      if (!(await ask(key, (object) => object.lease(holder, ttl)))) return undefined;
      const lease = { release: () => ask(key, (object) => object.release(holder)) };
      if (!signal.aborted) return lease;
      // Nobody waits for it any more.
      await lease.release();
      throw signal.reason;
    },
  };
}

/** What to do about an error that comes again for as long as the Worker is set up as it is. */
function adviceFor(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof TypeError) {
    return "remote" in error
      ? "The binding names another class than PersonifyTokenStore; correct its class_name in your wrangler.jsonc"
      : "The Worker cannot call methods of Durable Objects; raise its compatibility_date to 2024-04-03 or later";
  }
  return error.message.includes("SQLite-backed")
    ? "PersonifyTokenStore has no SQLite storage; name it under new_sqlite_classes in your wrangler.jsonc, not new_classes"
    : undefined;
}
