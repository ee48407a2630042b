import type { IncomingMessage } from "node:http";
import {
  bindRequest,
  type MiddlewareOptions,
  type PersonifyClient,
  resolveMiddlewareOptions,
} from "@personify-auth/core";

declare module "node:http" {
  interface IncomingMessage {
    /** An authenticated Personify client for this request. Set by `personify()`. */
    personify: PersonifyClient;
  }
}

/** Options of `personify`: how a request becomes a tenant, with the options of a client or a client to share. */
export type PersonifyOptions = MiddlewareOptions<IncomingMessage>;

/**
 * TITLE middleware that sets `request.personify`. A request that does not use it costs no token and no call. Errors of
 * its calls pass through the app as any other, with the `status` and `headers` that its end user gets.
 *
 * @throws ConfigurationError at once, for an option that is missing, malformed or unknown.
 */
export function personify(
  options: PersonifyOptions,
): (request: IncomingMessage, response: unknown, next: () => void) => void {
  const { client, binding } = resolveMiddlewareOptions(options);
  return (request, _response, next) => {
    const header = (name: string) => request.headers[name.toLowerCase()]?.toString();
    request.personify = bindRequest(client, binding, { raw: request, header });
    next();
  };
}
