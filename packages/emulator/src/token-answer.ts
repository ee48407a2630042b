import type { Profile } from "./options.ts";

/** The errors of RFC 6749 §5.2 and RFC 8707 §2 that the token endpoint gives. */
export type TokenErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_scope"
  | "invalid_target"
  | "unauthorized_client"
  | "unsupported_grant_type";

/** A refusal, before a profile has phrased it. */
export interface TokenError {
  readonly error: TokenErrorCode;
  readonly description: string;
  /** The request was no POST. */
  readonly wrongMethod?: true;
}

const CACHE_HEADERS = {
  identityserver: { "cache-control": "no-store, no-cache, max-age=0", pragma: "no-cache" },
  rfc6749: { "cache-control": "no-store", pragma: "no-cache" },
} as const;

/** Status 200 with the members of RFC 6749 §5.1 in the service's order. */
export function tokenSuccess(
  profile: Profile,
  token: { readonly value: string; readonly lifetime: number; readonly scope: string },
): Response {
  const { value: access_token, lifetime: expires_in, scope } = token;
  return tokenJson(profile, 200, { access_token, expires_in, token_type: "Bearer", scope });
}

/** The refusal as this profile phrases it. */
export function tokenFailure(profile: Profile, refusal: TokenError): Response {
  const body = { error: refusal.error, error_description: refusal.description };
  if (profile === "rfc6749" && refusal.wrongMethod === true) {
    return tokenJson(profile, 405, body, { allow: "POST" });
  }
  if (profile === "rfc6749" && refusal.error === "invalid_client") {
    return tokenJson(profile, 401, body, { "www-authenticate": 'Basic realm="personify", charset="UTF-8"' });
  }
  return tokenJson(profile, 400, body);
}

/** Any body, with the headers of a token answer; a string is sent as it is, undefined as none. */
export function tokenJson(
  profile: Profile,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json; charset=UTF-8", ...CACHE_HEADERS[profile], ...headers },
  });
}
