import { checkMembers, invalidArgument, isRecord } from "./invalid-argument.ts";

/** Which requests a fault meets, and how many. */
interface FaultTarget {
  readonly on: "token" | "api";
  /** Only requests whose path begins with this. */
  readonly path?: string;
  /** Only this HTTP method, in upper case. */
  readonly method?: string;
  /** How many requests; `Infinity` for all until cleared. Default 1. */
  readonly times?: number;
}

/** An answer in place of the real one. */
interface Answer {
  /** A string is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * What goes wrong with the requests that a fault meets.
 * - `latency`: waits `ms` milliseconds of real time, then goes on; adds to the next fault that matches.
 * - `status`: answers `status` (200 to 599); `retryAfter` is a number of seconds or the header's text.
 * - `reset`: TCP RST once the request was read.
 * - `stall`: half of the real answer, then silence; `before: "headers"`: nothing at all.
 * - `truncate`: half of the real answer under the full content-length, then FIN.
 * - `html`: 200 with a text/html page.
 * - `redirect`: `status` (default 302) to `location`.
 * - `reject-token`: 401 for a token that is good. API only.
 * - `token-response`: `body` (and `status`, default 200) as the token endpoint's answer. Token only.
 */
export type FaultDefinition = FaultTarget &
  (
    | { readonly kind: "latency"; readonly ms: number }
    | ({ readonly kind: "status"; readonly status: number; readonly retryAfter?: string | number } & Answer)
    | { readonly kind: "reset" }
    | { readonly kind: "stall"; readonly before?: "headers" }
    | { readonly kind: "truncate" }
    | { readonly kind: "html" }
    | { readonly kind: "redirect"; readonly location: string; readonly status?: number }
    | { readonly kind: "reject-token"; readonly on: "api" }
    | ({ readonly kind: "token-response"; readonly on: "token"; readonly status?: number } & Answer)
  );

/** The `kind` of a fault. */
export type FaultKind = FaultDefinition["kind"];

const TARGET_MEMBERS = ["on", "kind", "path", "method", "times"];
const MEMBERS: Readonly<Record<FaultKind, readonly string[]>> = {
  latency: ["ms"],
  status: ["status", "retryAfter", "body", "headers"],
  reset: [],
  stall: ["before"],
  truncate: [],
  html: [],
  redirect: ["location", "status"],
  "reject-token": [],
  "token-response": ["body", "status", "headers"],
};
/** setTimeout takes no more milliseconds. */
const LONGEST_LATENCY = 2 ** 31 - 1;

/** @throws TypeError naming the first member that is wrong */
export function checkFault(definition: unknown): asserts definition is FaultDefinition {
  if (!isRecord(definition)) throw invalidArgument("fault", "an object", definition);
  const { kind, on } = definition as { kind?: unknown; on?: unknown };
  if (typeof kind !== "string" || !Object.hasOwn(MEMBERS, kind)) {
    throw invalidArgument("fault kind", `one of ${Object.keys(MEMBERS).join(", ")}`, kind);
  }
  checkMembers(`fault of kind ${kind}`, definition, [...TARGET_MEMBERS, ...MEMBERS[kind as FaultKind]]);
  if (on !== "token" && on !== "api") throw invalidArgument("fault on", '"token" or "api"', on);
  if (kind === "reject-token" && on !== "api")
    throw invalidArgument("fault on", '"api" for reject-token', on);
  if (kind === "token-response" && on !== "token") {
    throw invalidArgument("fault on", '"token" for token-response', on);
  }
  checkTarget(definition);
  checkKind(kind as FaultKind, definition);
}

function checkTarget(definition: { path?: unknown; method?: unknown; times?: unknown }): void {
  const { path, method, times } = definition;
  if (path !== undefined && !(typeof path === "string" && path.startsWith("/"))) {
    throw invalidArgument("fault path", "text that begins with /", path);
  }
  if (method !== undefined && !(typeof method === "string" && /^[A-Z]+$/.test(method))) {
    throw invalidArgument("fault method", "an HTTP method in upper case", method);
  }
  if (times !== undefined && times !== Infinity && !(Number.isInteger(times) && (times as number) >= 1)) {
    throw invalidArgument("fault times", "a whole number, 1 or more, or Infinity", times);
  }
}

function checkKind(kind: FaultKind, definition: Record<string, unknown>): void {
  const { ms, status, retryAfter, before, location, headers, body } = definition as {
    [member in "ms" | "status" | "retryAfter" | "before" | "location" | "headers" | "body"]?: unknown;
  };
  if (kind === "latency" && !(typeof ms === "number" && ms >= 0 && ms <= LONGEST_LATENCY)) {
    throw invalidArgument("fault ms", `milliseconds from 0 to ${LONGEST_LATENCY}`, ms);
  }
  if ((kind === "status" || status !== undefined) && !isBetween(status, 200, 599)) {
    throw invalidArgument("fault status", "a whole number from 200 to 599", status);
  }
  if (kind === "redirect" && status !== undefined && !isBetween(status, 300, 399)) {
    throw invalidArgument("fault status", "a whole number from 300 to 399 for redirect", status);
  }
  const isSeconds = typeof retryAfter === "number" && Number.isFinite(retryAfter);
  if (retryAfter !== undefined && !isSeconds && !isHeaderValue(retryAfter)) {
    throw invalidArgument("fault retryAfter", "seconds or a header's text", retryAfter);
  }
  if (before !== undefined && before !== "headers")
    throw invalidArgument("fault before", '"headers"', before);
  if (kind === "redirect" && !isHeaderValue(location)) {
    throw invalidArgument("fault location", "a header's text", location);
  }
  if (headers !== undefined && !areHeaders(headers)) {
    throw invalidArgument("fault headers", "header names with their text", headers);
  }
  if ((kind === "token-response" || body !== undefined) && !isJson(body)) {
    throw invalidArgument("fault body", "text or what JSON can hold", body);
  }
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false;
  }
}

function isHeaderValue(value: unknown): value is string {
  return typeof value === "string" && areHeaders({ "x-checked": value });
}

function areHeaders(headers: unknown): boolean {
  if (!isRecord(headers) || !Object.values(headers).every((value) => typeof value === "string")) return false;
  try {
    new Headers(headers as Record<string, string>);
    return true;
  } catch {
    return false;
  }
}
