import { tokenId } from "./token-id.ts";

/** What stands in a log in place of a secret. */
const MASK = "(masked)";

const SECRET_HEADER = /^(proxy-authorization|cookie|set-cookie)$|api-?key|secret|token|password/;
const SECRET_PARAMETER = /secret|password|assertion$|token$|^code|api_?key/i;

/** A header's value as it may be logged: bearer tokens as a short SHA-256 id, other secrets masked. */
export function maskHeader(name: string, value: string): string {
  if (name !== "authorization") return SECRET_HEADER.test(name) ? MASK : value;
  const [scheme, credentials] = splitScheme(value);
  if (scheme === undefined) return MASK;
  return /^bearer$/i.test(scheme) ? `${scheme} sha256:${tokenId(credentials)}` : `${scheme} ${MASK}`;
}

/** A form or query parameter's value as it may be logged. */
export function maskParameter(name: string, value: string): string {
  return SECRET_PARAMETER.test(name) ? MASK : value;
}

/** The scheme and the rest of an Authorization header (RFC 9110 §11.4); no scheme when it has none. */
export function splitScheme(value: string): [scheme: string | undefined, credentials: string] {
  const match = /^([A-Za-z][A-Za-z0-9-]{0,19}) +(.*)$/.exec(value);
  return match === null ? [undefined, value] : [match[1], match[2] ?? ""];
}
