import {
  bindRequest,
  type MiddlewareOptions,
  type PersonifyClient,
  resolveMiddlewareOptions,
} from "@personify-auth/core";
import type { Context, Env, MiddlewareHandler } from "hono";
import { getRuntimeKey } from "hono/adapter";

/** Options of `personify`: how a request becomes a tenant, with the options of a client or a client to share. */
export type PersonifyOptions<E extends Env = Env> = MiddlewareOptions<Context<E>>;

/** What `personify` adds to the environment of an app: `c.var.personify`, a client for the request. */
export interface PersonifyEnv {
  /** `personify` is the client for the request. */
  Variables: { personify: PersonifyClient };
}

/**
 * Hono middleware that sets `c.var.personify`. A request that does not use it costs no token and no call. Errors of
 * its calls reach `app.onError` as any other; uncaught, they answer with their own response.
 *
 * A function of the bindings (`c.env`) gives the options where secrets are bindings: on workerd it is called once for
 * each environment, elsewhere once.
 *
 * @throws ConfigurationError for an option that is missing, malformed or unknown: at once, or at the first request
 * where a function gives the options.
 */
// biome-ignore lint/suspicious/noExplicitAny: Hono's own wildcard, so that bindings can be typed where they are used.
export function personify<E extends Env = any>(
  options: PersonifyOptions<E> | ((env: E["Bindings"]) => PersonifyOptions<E>),
): MiddlewareHandler<PersonifyEnv> {
  const resolve =
    typeof options === "function"
      ? oncePerEnvironment((env) => resolveMiddlewareOptions(options(env as E["Bindings"])))
      : always(resolveMiddlewareOptions(options));
  return (c, next) => {
    const { client, binding } = resolve(c.env);
    const raw = c as unknown as Context<E>;
    const executionCtx = isWorkerd ? () => c.executionCtx : undefined;
    const request = { raw, header: (name: string) => c.req.header(name), executionCtx };
    c.set("personify", bindRequest(client, binding, request));
    return next();
  };
}

const isWorkerd = getRuntimeKey() === "workerd";

function always<T>(value: T): () => T {
  return () => value;
}

/** A Node server makes a new environment for each request, so only workerd's tell settings apart. */
function oncePerEnvironment<T>(create: (env: unknown) => T): (env: unknown) => T {
  const perEnvironment = new WeakMap<object, T>();
  const anyEnvironment = {};
  return (env) => {
    const key = isWorkerd && typeof env === "object" && env !== null ? env : anyEnvironment;
    const made = perEnvironment.get(key) ?? create(env);
    perEnvironment.set(key, made);
    return made;
  };
}
