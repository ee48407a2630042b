import {
  bindRequest,
  type MiddlewareOptions,
  type PersonifyClient,
  resolveMiddlewareOptions,
} from "@personify-auth/core";
import type { Context, Middleware } from "koa";

declare module "koa" {
  interface ExtendableContext {
    /** An authenticated Personify client for this request. Set by `personify()`. */
    personify: PersonifyClient;
  }
}

/** Options of `personify`: how a request becomes a tenant, with the options of a client or a client to share. */
export type PersonifyOptions = MiddlewareOptions<Context>;

/**
 * Koa middleware that sets `ctx.personify`. A request that does not use it costs no token and no call. Errors of its
 * calls pass through the middleware as any other; uncaught, they answer with their `status`.
 *
 * @throws ConfigurationError at once, for an option that is missing, malformed or unknown.
 */
export function personify(options: PersonifyOptions): Middleware {
  const { client, binding } = resolveMiddlewareOptions(options);
  return (ctx, next) => {
    ctx.personify = bindRequest(client, binding, { raw: ctx, header: (name) => ctx.get(name) });
    return next();
  };
}
