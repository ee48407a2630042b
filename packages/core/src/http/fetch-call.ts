import { abortable, anySignal } from "../deadline.ts";
import { readCallHeaders } from "./call-headers.ts";
import { readMethod } from "./method.ts";
import { readUpTo } from "./read-up-to.ts";
import { copyOfBytes, maxReplayBytes, sizeOf } from "./request-body.ts";
import { resolveTarget, type Target, type TargetRules } from "./target.ts";

type BodyInit = NonNullable<RequestInit["body"]>;

/** A call in the terms of WHATWG fetch. */
export interface FetchCall {
  readonly method: string;
  readonly url: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: BodyInit | undefined;
  readonly replayable: boolean;
  readonly redirect: NonNullable<RequestInit["redirect"]>;
  readonly signal: AbortSignal | undefined;
  /** What else the caller passed. */
  readonly init: RequestInit;
  /** Held until the call is over: on Node the signal of a Request that was freed no longer follows its abort. */
  readonly request: Request | undefined;
}

/**
 * Reads the arguments of fetch. Of a Request, its method, URL, headers, body, signal and redirect mode count. Its body
 * is read ahead up to 1 MiB so that it can be sent again; a larger one is streamed and cannot. `signal` aborts the call
 * beside its own.
 */
export async function readFetchCall(
  rules: TargetRules,
  input: string | URL | Request,
  init: RequestInit = {},
  signal?: AbortSignal,
): Promise<FetchCall> {
  const request = typeof input === "string" || input instanceof URL ? undefined : input;
  const url = resolveTarget(rules, request === undefined ? (input as string | URL) : new URL(request.url));
  const given = init.headers ?? request?.headers;
  const own = asItIs(init.body ?? undefined);
  const call = {
    request,
    method: readMethod(init.method ?? request?.method ?? "GET"),
    url,
    // A Headers that is made for nothing costs 1,000 bytes of 50,000.
    headers: given === undefined ? {} : readCallHeaders(new Headers(given)),
    redirect: init.redirect ?? request?.redirect ?? "follow",
    signal: anySignal((init.signal === undefined ? request?.signal : init.signal) ?? undefined, signal),
    body: own,
    replayable: sizeOfInit(own) <= maxReplayBytes,
    init,
  };
  if (own !== undefined || !request?.body) return call;
  const ahead = await abortable(readUpTo(request.clone().body, maxReplayBytes), call.signal);
  if (ahead !== undefined) return { ...call, body: ahead, replayable: true };
  return { ...call, init: { ...init, duplex: "half" } as RequestInit, body: request.body, replayable: false };
}

/** Sends a call once. Redirects are for the caller to judge. */
export async function sendFetchCall(fetchOnce: typeof fetch, call: FetchCall): Promise<Response> {
  const { method, url, headers, body, signal, redirect, init } = call;
  try {
    return await fetchOnce(url.href, {
      ...init,
      method,
      headers,
      body: body ?? null,
      signal: signal ?? null,
      redirect: redirect === "error" ? "error" : "manual",
    });
  } catch (error) {
    // undici's parser keeps the bytes it could not read, which may repeat the request's headers.
    const cause = (error as { cause?: { data?: unknown } } | null)?.cause;
    if (cause?.data !== undefined) delete cause.data;
    throw error;
  }
}

const maxDrainBytes = 64 * 1024;

/** Reads an answer that nobody wants to its end, so that its connection is free again; a long one is cut off. */
export function discardResponse(response: Response): void {
  readUpTo(response.body, maxDrainBytes).catch(() => {});
}

/** What may be changed is copied, as fetch does at the call: the token may have to be waited for. */
function asItIs(body: BodyInit | undefined): BodyInit | undefined {
  if (body instanceof URLSearchParams) return new URLSearchParams(body);
  if (!(body instanceof FormData)) return copyOfBytes(body) ?? body;
  const copy = new FormData();
  for (const [name, value] of body) copy.append(name, value);
  return copy;
}

function sizeOfInit(body: BodyInit | undefined): number {
  if (body === undefined) return 0;
  if (typeof body === "string" || body instanceof URLSearchParams) return sizeOf(String(body));
  if (body instanceof Blob) return body.size;
  if (body instanceof FormData)
    return [...body.values()].reduce((size, value) => size + sizeOfInit(value), 0);
  // A stream, or an async iterable, which Node's fetch takes too, has no size and is read once.
  return (body as ArrayBufferView).byteLength ?? Number.POSITIVE_INFINITY;
}
