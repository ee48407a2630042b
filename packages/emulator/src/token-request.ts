import { splitScheme } from "./masking.ts";
import type { ClientAuthMethod } from "./request-log.ts";

/** A token request as sent: nothing about it has been judged yet. */
export interface TokenRequest {
  readonly parameters: URLSearchParams;
  readonly clientAuthMethod: ClientAuthMethod;
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
}

/** Reads form and Authorization header (RFC 6749 §2.3.1, §4.4.2). Empty values count as absent (§3.2). */
export function parseTokenRequest(form: string, authorization: string | undefined): TokenRequest {
  const parameters = new URLSearchParams(form);
  const basic = authorization === undefined ? undefined : parseBasic(authorization);
  const posted = {
    clientId: parameterOf(parameters, "client_id"),
    clientSecret: parameterOf(parameters, "client_secret"),
  };
  if (basic === undefined) {
    const clientAuthMethod = posted.clientSecret === undefined ? "none" : "client_secret_post";
    return { parameters, clientAuthMethod, ...posted };
  }
  // A client_id that repeats the header's is no second authentication; another one is.
  const agrees = posted.clientId === undefined || posted.clientId === basic.clientId;
  const clientAuthMethod = posted.clientSecret === undefined && agrees ? "client_secret_basic" : "multiple";
  return { parameters, clientAuthMethod, ...basic };
}

/** A parameter's first value, undefined when empty. */
export function parameterOf(parameters: URLSearchParams, name: string): string | undefined {
  return parameters.get(name) || undefined;
}

function parseBasic(authorization: string): Pick<TokenRequest, "clientId" | "clientSecret"> | undefined {
  const [scheme, credentials] = splitScheme(authorization);
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(credentials, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon === -1) return { clientId: undefined, clientSecret: undefined };
  return { clientId: formDecoded(pair.slice(0, colon)), clientSecret: formDecoded(pair.slice(colon + 1)) };
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll("+", " ")) || undefined;
  } catch {
    return undefined;
  }
}
