import { checkObject } from "../check.ts";
import { ConfigurationError } from "../errors.ts";
import { type Query, toSearchParams } from "./query.ts";

/** What is read of a URL. */
export type Target = Readonly<Pick<URL, "href" | "origin" | "pathname" | "search">>;

/** Where calls may go. */
export interface TargetRules {
  /** Its path ends in "/". */
  readonly base: Target;
  /** Origins besides the base's own. */
  readonly allowedOrigins: ReadonlySet<string>;
}

/** Values for the `{name}` parts of a path template. */
export type PathValues = Readonly<Record<string, string | number>>;

/** Unreserved characters (RFC 3986 §2.3) in segments that begin with no dot: a URL parser changes nothing of it. */
const plainPath = /^\/?(?:[\w~-][\w.~-]*(?:\/[\w~-][\w.~-]*)*\/?)?$/;

/** A dot segment, encoded as well: whoever decodes before he takes a path apart would leave it all the same. */
const dotSegment = /(^|[/\\]|%2f|%5c)(\.|%2e){1,2}($|[/\\]|%2f|%5c)/i;

/**
 * Turns a path template or an absolute URL into the URL of a call, or throws a `ConfigurationError`. This is the
 * security boundary: whatever it returns is on an allowed origin, and on the base's own origin below the base path.
 */
export function resolveTarget(
  rules: TargetRules,
  input: string | URL,
  path?: PathValues,
  query?: Query,
): Target {
  if (path !== undefined) checkObject("path", path);
  if (input instanceof URL) {
    refuseUnused("", path);
    return appendQuery(admit(rules, new URL(input)), query);
  }
  if (typeof input !== "string") throw refuse("is not a string or URL");
  if (plainPath.test(input)) {
    refuseUnused(input, path);
    return belowBase(rules.base, input, query);
  }
  // The URL parser drops tabs and line breaks and reads "\" as "/", so what one sees is not what it resolves to.
  if (/[\u0000-\u0020\u007f\\]/.test(input))
    throw refuse("holds a space, a control character or a backslash");
  if (input.startsWith("//")) throw refuse('starts with "//", which names another host');
  const filled = fillTemplate(input, path);
  if (plainPath.test(filled)) return belowBase(rules.base, filled, query);
  const isAbsolute = /^[a-z][a-z0-9+.-]*:/i.test(filled);
  const [beforeQuery = ""] = filled.split(/[?#]/, 1);
  const url = URL.parse(isAbsolute ? filled : rules.base.href + filled.replace(/^\//, ""));
  if (url === null) throw refuse("is not a valid URL");
  return appendQuery(admit(rules, url, beforeQuery), query);
}

/** What parsing would make of a plain path, in a third of the time: it saves a call 5 % of what undici.request takes. */
function belowBase(base: Target, path: string, query: Query | undefined): Target {
  const pathname = base.pathname + (path.startsWith("/") ? path.slice(1) : path);
  const parameters = query === undefined ? "" : toSearchParams(query).toString();
  const search = parameters === "" ? "" : `?${parameters}`;
  return { href: base.origin + pathname + search, origin: base.origin, pathname, search };
}

/** Where a redirect leads, or undefined where it must not be followed: off its origin or above the base path. */
export function resolveRedirect(rules: TargetRules, from: Target, location: string): Target | undefined {
  try {
    const url = admit(rules, new URL(location, from.href));
    return url.origin === from.origin ? url : undefined;
  } catch {
    return undefined;
  }
}

/** `path` is as it was written: a URL has no plain dot segments any more. */
function admit(rules: TargetRules, url: URL, path = url.pathname): URL {
  if (dotSegment.test(path)) throw refuse('holds a "." or ".." segment');
  // A blob: URL has the origin of the URL inside it.
  if (!/^https?:$/.test(url.protocol)) throw refuse("is no http or https URL");
  if (url.username !== "" || url.password !== "") throw refuse("holds a user name or password");
  if (url.origin === rules.base.origin) {
    if (!`${url.pathname}/`.startsWith(rules.base.pathname)) throw refuse("leaves the path of apiBaseUrl");
  } else if (!rules.allowedOrigins.has(url.origin)) {
    throw refuse(
      "is on another origin than apiBaseUrl; add it to allowedOrigins if it may receive the token",
    );
  }
  return url;
}

function fillTemplate(template: string, values: PathValues = {}): string {
  // Other text in braces is no name but data, such as JSON in a query, and must not get into a message.
  const filled = template.replace(/\{([\w.-]+)\}/g, (_, name: string) =>
    encodeSegment(name, Object.hasOwn(values, name) ? values[name] : undefined),
  );
  if (/[{}]/.test(filled)) throw refuse('holds a brace outside a "{name}"');
  refuseUnused(template, values);
  return filled;
}

/** A value without its place is a misspelt name. */
function refuseUnused(template: string, values: PathValues | undefined): void {
  if (values === undefined) return;
  for (const name of Object.keys(values)) {
    if (template.includes(`{${name}}`)) continue;
    throw new ConfigurationError(
      `Option path.${name}: the path template has no {${name}}; check the spelling, or leave it out`,
      "target_refused",
    );
  }
}

function encodeSegment(name: string, value: unknown): string {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== "string" || text === "" || !text.isWellFormed()) {
    throw new ConfigurationError(
      `Option path.${name}: expected a non-empty string or a finite number, got ${describeType(value)}`,
      "target_refused",
    );
  }
  if (dotSegment.test(text)) {
    throw new ConfigurationError(
      `Option path.${name}: expected a value without "." and ".." segments, which would leave the path`,
      "target_refused",
    );
  }
  return encodeURIComponent(text);
}

function appendQuery(url: URL, query: Query | undefined): URL {
  if (query === undefined) return url;
  for (const [name, value] of toSearchParams(query)) url.searchParams.append(name, value);
  return url;
}

function describeType(value: unknown): string {
  if (value === "") return "an empty string";
  return value === null || value === undefined ? String(value) : typeof value;
}

// Names no part of the input: a URL may carry secrets in its query or user part.
function refuse(what: string): ConfigurationError {
  return new ConfigurationError(
    `The path of the call ${what}; pass a template such as "/api/v1/exhibitor/event/{eventId}", or an absolute URL on an allowed origin`,
    "target_refused",
  );
}
