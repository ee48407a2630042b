import {
  bindRequest,
  type MiddlewareOptions,
  type PersonifyClient,
  resolveMiddlewareOptions,
} from "@personify-auth/core";
import type { NextFunction, Request } from "express";

declare global {
  namespace Express {
    interface Request {
      /** An authenticated Personify client for this request. Set by `personify()`. */
      personify: PersonifyClient;
    }
  }
}

/** Options of `personify`: how a request becomes a tenant, with the options of a client or a client to share. */
export type PersonifyOptions = MiddlewareOptions<Request>;

/**
 * Express middleware that sets `req.personify`. A request that does not use it costs no token and no call. Errors of
 * its calls go to `next` as any other; uncaught, they answer with their `status`. Express 4 does not see a rejected
 * handler, so pass its error on: `.catch(next)`.
 *
 * @throws ConfigurationError at once, for an option that is missing, malformed or unknown.
 */
export function personify(
  options: PersonifyOptions,
): (req: Express.Request, res: unknown, next: NextFunction) => void {
  // Not a RequestHandler: that would take the types of a route's parameters from the handlers beside it.
  const { client, binding } = resolveMiddlewareOptions(options);
  return (req, _res, next) => {
    const raw = req as Request;
    req.personify = bindRequest(client, binding, { raw, header: (name) => raw.get(name) });
    next();
  };
}
