import { checkObject, invalid, refusePromise, refuseUnknown } from "./check.ts";
import { anySignal } from "./deadline.ts";
import { checkTenantId, readCallHeaders } from "./http/call-headers.ts";

/** What `client.with` changes. Anything left out stays as it was; headers are added. */
export interface ClientOverrides {
  /** The tenant of calls that name none; `false` sends none. */
  readonly tenantId?: string | false | undefined;
  /** Aborts every call of the new client, beside each call's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** Headers of every call. */
  readonly headers?: Readonly<Record<string, string>> | Headers | undefined;
  /** Keeps a token request alive after the current request has ended; an edge runtime's `ctx.waitUntil`. */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** Overrides that were checked, with header names in lower case. */
export interface ClientSettings extends ClientOverrides {
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

const overrideNames: ReadonlySet<string> = new Set<keyof ClientOverrides>([
  "tenantId",
  "signal",
  "headers",
  "waitUntil",
]);

/** Throws where `signal` cannot abort anything. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw invalid("signal", "an AbortSignal", signal);
}

/** Headers in either form, checked, with names in lower case. */
export function readHeaders(headers: NonNullable<ClientOverrides["headers"]>): Record<string, string> {
  if (headers instanceof Headers) return readCallHeaders(headers);
  checkObject("headers", headers);
  return readCallHeaders(Object.entries(headers));
}

/** Checks what was given to `client.with`. */
export function checkOverrides(overrides: ClientOverrides): ClientSettings {
  refusePromise("overrides", overrides);
  checkObject("overrides", overrides);
  refuseUnknown("", overrides, overrideNames);
  // Read once: what was checked is what is used.
  const { tenantId, signal, headers, waitUntil } = overrides;
  checkTenantId(tenantId);
  checkSignal(signal);
  if (waitUntil !== undefined && typeof waitUntil !== "function") {
    throw invalid("waitUntil", "a function such as (promise) => ctx.waitUntil(promise)", waitUntil);
  }
  return { tenantId, signal, headers: headers && readHeaders(headers), waitUntil };
}

/** What the inner settings leave out comes from the outer ones; both signals and all headers count. */
export function mergeSettings(outer: ClientSettings, inner: ClientSettings): ClientSettings {
  return {
    tenantId: inner.tenantId ?? outer.tenantId,
    signal: anySignal(inner.signal, outer.signal),
    headers: outer.headers === undefined ? inner.headers : { ...outer.headers, ...inner.headers },
    waitUntil: inner.waitUntil ?? outer.waitUntil,
  };
}
