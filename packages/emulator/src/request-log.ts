import type { IncomingMessage } from "node:http";
import type { Clock } from "./clock.ts";
import type { FaultKind } from "./fault-definition.ts";
import { checkMembers } from "./invalid-argument.ts";
import { maskHeader, maskParameter, maskText } from "./masking.ts";

/** Which part of the emulator a request was for. */
export type RequestKind = "token" | "api" | "control" | "other";

/** How a token request authenticated its client (RFC 6749 §2.3); "multiple": in more than one way. */
export type ClientAuthMethod = "client_secret_post" | "client_secret_basic" | "none" | "multiple";

/** A value, or all of them where the name was repeated. */
export type Repeatable = string | readonly string[];

/** One request, secrets and tokens masked. */
export interface LoggedRequest {
  /** Counts from 1 in order of arrival. */
  readonly id: number;
  /** Epoch milliseconds by the emulator's clock, at arrival. */
  readonly at: number;
  /** Which part of the emulator it was for. */
  readonly kind: RequestKind;
  /** The HTTP method. */
  readonly method: string;
  /** As sent, without the query, and with what looks like a secret masked. */
  readonly path: string;
  /** The parameters of the query. */
  readonly query: Readonly<Record<string, Repeatable>>;
  /** Names in lower case; a bearer token is shown as `Bearer sha256:` and its `tokenId`. */
  readonly headers: Readonly<Record<string, Repeatable>>;
  /** Undefined while the answer is pending, and when none was sent. */
  readonly status?: number;
  /** From arrival to the answer being ready; undefined while pending. */
  readonly durationMs?: number;
  /** Token requests: as claimed. API requests: the token's. */
  readonly clientId?: string;
  /** API requests: the `X-Tenant-Id` sent. */
  readonly tenantId?: string;
  /** API requests: the short SHA-256 of the bearer token sent. Token requests: of the token issued. */
  readonly tokenId?: string;
  /** Token requests: the form's parameters, secret values masked. */
  readonly parameters?: Readonly<Record<string, Repeatable>>;
  /** Token requests only. */
  readonly clientAuthMethod?: ClientAuthMethod;
  /** The `error` of a token answer, or the `code` of an API problem. */
  readonly error?: string;
  /** The fault that took part in the answer. */
  readonly fault?: FaultKind;
}

/** Members that a logged request must equal to be listed. */
export type RequestFilter = Partial<
  Pick<
    LoggedRequest,
    "kind" | "method" | "path" | "status" | "clientId" | "tenantId" | "tokenId" | "error" | "fault"
  >
>;

/** A logged request while it is being answered. */
export type LogEntry = { -readonly [Member in keyof LoggedRequest]: LoggedRequest[Member] };

export interface RequestLog {
  /** What the console loads and polls is not kept: in a night it would push out all else. */
  open(incoming: IncomingMessage): LogEntry;
  list(filter?: RequestFilter): LoggedRequest[];
  /** What came after the request with this id: the last `most` of them, oldest first. */
  since(id: number, most: number): LoggedRequest[];
  find(id: number): LoggedRequest | undefined;
  /** The ids of the oldest request that is kept, which may be yet to come, and of the latest one. */
  range(): { readonly oldest: number; readonly latest: number };
  clear(): void;
}

/** Where token requests go. */
export const TOKEN_PATH = "/connect/token";

/** Where the console's files are, and what it polls. */
export const CONSOLE_PATH = "/__emulator/console";

const KEPT = 50_000;
const FILTERS = ["kind", "method", "path", "status", "clientId", "tenantId", "tokenId", "error", "fault"];

export function createRequestLog(clock: Clock): RequestLog {
  let entries: LogEntry[] = [];
  let latest = 0;
  const oldest = () => entries[0]?.id ?? latest + 1;
  // Ids follow one another.
  const placeOf = (id: number) => id - oldest();
  return {
    open(incoming) {
      const { path, query } = splitTarget(incoming.url ?? "/");
      const method = incoming.method ?? "GET";
      const entry: LogEntry = {
        id: latest + 1,
        at: clock.now(),
        kind: kindOf(path),
        method,
        path: maskText(path),
        query: repeatables([...new URLSearchParams(query)].map(maskParameter)),
        headers: repeatables(headerPairs(incoming.rawHeaders).map(maskHeader)),
      };
      if (isOfConsole(method, path)) return entry;
      latest = entry.id;
      entries.push(entry);
      // Old ones go in batches: shifting a long array for each request is slow.
      if (entries.length > KEPT * 1.1) entries = entries.slice(-KEPT);
      return entry;
    },
    list(filter = {}) {
      checkMembers("requests filter", filter, FILTERS);
      const wanted = Object.entries(filter);
      const matches = (entry: LogEntry) =>
        wanted.every(([member, value]) => entry[member as keyof RequestFilter] === value);
      return entries
        .slice(-KEPT)
        .filter(matches)
        .map((entry) => ({ ...entry }));
    },
    since: (id, most) =>
      entries
        .slice(Math.max(0, placeOf(id) + 1))
        .slice(-most)
        .map((entry) => ({ ...entry })),
    find(id) {
      const entry = entries[placeOf(id)];
      return entry && { ...entry };
    },
    range: () => ({ oldest: oldest(), latest }),
    clear() {
      entries = [];
    },
  };
}

/** Name and value pairs as a record, repeated names with all their values. */
export function repeatables(pairs: readonly (readonly [string, string])[]): Record<string, Repeatable> {
  const values = new Map<string, Repeatable>();
  for (const [name, value] of pairs) {
    const earlier = values.get(name);
    values.set(name, earlier === undefined ? value : [earlier, value].flat());
  }
  return Object.fromEntries(values);
}

function splitTarget(target: string): { path: string; query: string } {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] ?? "";
  const [path = "", ...query] = target.slice(origin.length).split("?");
  return { path: path === "" ? "/" : path, query: query.join("?") };
}

function kindOf(path: string): RequestKind {
  if (path === TOKEN_PATH) return "token";
  if (path.startsWith("/api/")) return "api";
  return path.startsWith("/__emulator/") ? "control" : "other";
}

function isOfConsole(method: string, path: string): boolean {
  return method === "GET" && (path === "/" || path.startsWith(`${CONSOLE_PATH}/`));
}

function headerPairs(rawHeaders: readonly string[]): [string, string][] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0);
  return names.map((name, index) => [name.toLowerCase(), rawHeaders[2 * index + 1] as string]);
}
