import { ConfigurationError } from "../errors.ts";

/** A body for `post`, `put`, `patch` and `request`. A plain object or an array is sent as JSON. */
export type RequestBody =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | FormData
  | URLSearchParams
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>
  | object
  | number
  | boolean
  | null;

/** A body as it goes over the wire. */
export interface EncodedBody {
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly contentType: string | undefined;
  /** Whether it can be sent again. */
  readonly replayable: boolean;
}

/** Larger bodies are not kept for a second sending. */
export const maxReplayBytes = 1024 * 1024;

/** What a call without a body sends. */
export const noBody: EncodedBody = { body: undefined, contentType: undefined, replayable: true };

/** Encodes a body as fetch does (WHATWG fetch, "extract a body"), and anything else as JSON. */
export async function encodeBody(body: RequestBody): Promise<EncodedBody> {
  if (typeof body === "string") return whole(body, "text/plain;charset=UTF-8");
  if (body instanceof URLSearchParams) {
    return whole(body.toString(), "application/x-www-form-urlencoded;charset=UTF-8");
  }
  const bytes = copyOfBytes(body);
  if (bytes !== undefined) return whole(bytes, undefined);
  if (body instanceof FormData || body instanceof Blob) {
    const encoded = new Response(body);
    // Before the bytes: once they are read, Bun no longer tells it.
    const contentType = encoded.headers.get("content-type") ?? undefined;
    return whole(new Uint8Array(await encoded.arrayBuffer()), contentType);
  }
  if (body instanceof ReadableStream) return { body, contentType: undefined, replayable: false };
  if (isAsyncIterable(body)) {
    return { body: ReadableStream.from(body), contentType: undefined, replayable: false };
  }
  return whole(toJson(body), "application/json");
}

/** The bytes as they are now: what the caller writes over them while a token is waited for is not sent. */
export function copyOfBytes(body: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice());
  return ArrayBuffer.isView(body)
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice()
    : undefined;
}

function whole(body: string | Uint8Array, contentType: string | undefined): EncodedBody {
  return { body, contentType, replayable: sizeOf(body) <= maxReplayBytes };
}

/** The bytes of a body; of a text beyond the limit, at least the limit's. */
export function sizeOf(body: string | Uint8Array): number {
  if (typeof body !== "string") return body.byteLength;
  return body.length > maxReplayBytes ? body.length : new TextEncoder().encode(body).byteLength;
}

function isAsyncIterable(value: object | number | boolean | null): value is AsyncIterable<Uint8Array> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

/** A Map, a promise and the like are no data, and would be sent as "{}". */
function isData(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "toJSON" in value) return true;
  return Object.prototype.toString.call(value) === "[object Object]";
}

function toJson(value: unknown): string {
  let text: string | undefined;
  try {
    if (isData(value)) text = JSON.stringify(value);
  } catch {
    // Cycles and bigints; the engine's message may quote the value.
  }
  if (text === undefined)
    throw new ConfigurationError(
      "The body cannot be written as JSON; pass a plain object, string, bytes, FormData or URLSearchParams",
    );
  return text;
}
