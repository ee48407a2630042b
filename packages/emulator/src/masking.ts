import { tokenId } from "./token-id.ts";

/** What stands in a log in place of a secret. */
const MASK = "(masked)";

/** The type of a token or an assertion is none. */
const SECRET_NAME =
  /secret|passw|pwd|credential|signature|jwt|authorization|cookie|api[-_]?key|(token|assertion)(?!_type)|^code/i;

/** As much text as this, or text like this, is no name: such is a body that is no form, or a token on its own. */
const NO_NAME = /["{}=;\s]|^.{41}/;

/** A header as it may be logged: a bearer token as a short SHA-256 id, other secrets masked. */
export function maskHeader([name, value]: readonly [string, string]): [string, string] {
  if (name !== "authorization") return [name, SECRET_NAME.test(name) ? MASK : maskText(value)];
  const [scheme = "", credentials] = splitScheme(value);
  if (/^bearer$/i.test(scheme)) return [name, `${scheme} sha256:${tokenId(credentials)}`];
  return [name, /^(basic|digest|dpop|negotiate)$/i.test(scheme) ? `${scheme} ${MASK}` : MASK];
}

/** A form or query parameter as it may be logged. */
export function maskParameter([name, value]: readonly [string, string]): [string, string] {
  if (NO_NAME.test(name)) return ["(not a name)", MASK];
  return [name, SECRET_NAME.test(name) ? MASK : maskText(value)];
}

/** Text as it may be logged: a URL in it may have a secret in its query. Names have an end, or long text takes long. */
export function maskText(text: string): string {
  return text.replace(/([\w-]{1,40})=[^&;,\s]+/g, (pair, name) =>
    SECRET_NAME.test(name) ? `${name}=${MASK}` : pair,
  );
}

/** The scheme and the rest of an Authorization header (RFC 9110 §11.4); no scheme when it has none. */
export function splitScheme(value: string): [scheme: string | undefined, credentials: string] {
  const match = /^([A-Za-z][A-Za-z0-9-]{0,19}) +(.*)$/.exec(value);
  return match === null ? [undefined, value] : [match[1], match[2] ?? ""];
}
