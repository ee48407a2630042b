import { invalid } from "../check.ts";
import { ConfigurationError } from "../errors.ts";

/** Set by the client itself, or by the connection (RFC 9110 §7.6.1); a caller's own would collide or leak. */
const reserved: ReadonlyMap<string, string> = new Map([
  ["authorization", "the client sets it from the token"],
  ["x-tenant-id", "the client sets it from tenantId"],
  ["host", "it follows from the URL"],
  ["content-length", "it follows from the body"],
  ["accept-encoding", "it follows from what the client can decode"],
  ["connection", "it belongs to the connection"],
  ["keep-alive", "it belongs to the connection"],
  ["proxy-authenticate", "it belongs to the connection"],
  ["proxy-authorization", "it belongs to the connection"],
  ["proxy-connection", "it belongs to the connection"],
  ["te", "it belongs to the connection"],
  ["trailer", "it belongs to the connection"],
  ["transfer-encoding", "it belongs to the connection"],
  ["upgrade", "it belongs to the connection"],
]);

const maxValueLength = 8_192;

/** Why a caller may not set this header, or undefined where it may. `name` in lower case. */
export function reservedReason(name: string): string | undefined {
  return reserved.get(name);
}

/** Whether `name` can be a header's name (RFC 9110 §5.6.2: a token). */
export function isHeaderName(name: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);
}

/** Whether `value` is safe as a header's value: no CR, LF or other control character, Latin-1, at most 8 KiB. */
export function isHeaderValue(value: unknown): value is string {
  return (
    typeof value === "string" && value.length <= maxValueLength && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)
  );
}

/** What a header's value may be, for messages. */
export const headerValueRule = "a string of at most 8 KiB, in Latin-1 and without control characters";

/** Whether `value` can be a tenant id: visible ASCII, at most 256 characters. */
export function isTenantId(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,256}$/.test(value);
}

/** What a tenant id may be, for messages. */
export const tenantIdRule = "1 to 256 visible ASCII characters";

/** A tenant id as it was given, or a `ConfigurationError` where it is none. */
export function checkTenantId(tenantId: string | false | undefined): string | false | undefined {
  if (tenantId === undefined || tenantId === false || isTenantId(tenantId)) return tenantId;
  throw invalid("tenantId", tenantIdRule, tenantId);
}

/** A caller's headers with names in lower case, or a `ConfigurationError` for one that it may not set. */
export function readCallHeaders(headers: Iterable<readonly [string, string]>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of headers) {
    const lowerCased = isHeaderName(name) ? name.toLowerCase() : undefined;
    if (lowerCased === undefined) throw refuse("a name is malformed; use letters, digits and hyphens");
    const reason = reservedReason(lowerCased);
    if (reason !== undefined) throw refuse(`${lowerCased} may not be set, since ${reason}; leave it out`);
    if (!isHeaderValue(value)) throw refuse(`expected ${lowerCased} to be ${headerValueRule}`);
    result[lowerCased] = value;
  }
  return result;
}

function refuse(what: string): ConfigurationError {
  return new ConfigurationError(`Option headers: ${what}`, "header_refused");
}
