import { durableObjectTokenStore, type TokenStoreNamespace } from "./index.ts";
import type { StoreRequest } from "./workerd-stores.test.support.ts";

interface Inspected {
  stored(): Promise<string[]>;
  goOff(): Promise<void>;
}

const leases = new Map<string, { release(): Promise<void> }>();
const trueNow = Date.now;

/** A process with a store, which does with it what it is asked to. */
export default {
  async fetch(request: Request, env: { readonly TOKENS: TokenStoreNamespace }): Promise<Response> {
    const asked = (await request.json()) as StoreRequest;
    const skew = asked.now - trueNow();
    // A second more or less is the way here.
    Date.now = Math.abs(skew) < 1_000 ? trueNow : () => trueNow() + skew;
    const answer = await answerTo(asked, env.TOKENS).catch((error) => ({
      error: { message: String(error?.message), advice: error?.advice },
    }));
    return Response.json(answer);
  },
};

async function answerTo(asked: StoreRequest, namespace: TokenStoreNamespace): Promise<object> {
  const controller = new AbortController();
  const { signal } = controller;
  if (asked.aborted === "before") controller.abort();
  const done = run(asked, namespace, signal);
  if (asked.aborted === "during") controller.abort();
  return { value: await done };
}

async function run(
  asked: StoreRequest,
  namespace: TokenStoreNamespace,
  signal: AbortSignal,
): Promise<unknown> {
  const store = durableObjectTokenStore(namespace);
  switch (asked.operation) {
    case "get":
      return store.get(asked.key, { signal });
    case "set":
      return store.set(asked.key, asked.token, { signal, replaces: asked.replaces });
    case "lease": {
      const lease = await store.lease(asked.key, { ttl: asked.ttl, signal });
      if (lease === undefined) return undefined;
      const id = crypto.randomUUID();
      leases.set(id, lease);
      return id;
    }
    case "release":
      return leases.get(asked.lease)?.release();
    case "stored":
    case "goOff":
      return (namespace.getByName(asked.key) as unknown as Inspected)[asked.operation]();
  }
}
