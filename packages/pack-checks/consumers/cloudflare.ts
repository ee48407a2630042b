import { durableObjectTokenStore, PersonifyTokenStore } from "@personify-auth/cloudflare";
import { createPersonifyClient, optionsFromEnv, type TokenStore } from "@personify-auth/core";
import { expectTypeOf } from "expect-type";

// As `wrangler types` writes it.
interface Env {
  readonly PERSONIFY_CLIENT_ID: string;
  readonly PERSONIFY_CLIENT_SECRET: string;
  readonly PERSONIFY_API_BASE_URL: string;
  readonly PERSONIFY_TOKENS: DurableObjectNamespace<PersonifyTokenStore>;
}

class OwnDurableObject extends PersonifyTokenStore {}
expectTypeOf(OwnDurableObject).toBeConstructibleWith({} as DurableObjectState, {});

export function connect(env: Env) {
  const { PERSONIFY_TOKENS, ...variables } = env;
  const tokenStore = durableObjectTokenStore(PERSONIFY_TOKENS);
  expectTypeOf(tokenStore).toExtend<TokenStore>();
  return createPersonifyClient({ ...optionsFromEnv(variables), tokenStore });
}

export function connectWrongly(objects: DurableObjectNamespace, pairs: KVNamespace) {
  // @ts-expect-error the class of its objects is not known
  durableObjectTokenStore(objects);
  // @ts-expect-error no Durable Objects
  durableObjectTokenStore(pairs);
}
