import type { Abort } from "../deadline.ts";
import type { Target } from "./target.ts";

/** One HTTP exchange, ready to send. */
export interface TransportRequest {
  readonly method: string;
  readonly url: Target;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  readonly signal: Abort;
  /** A larger response body is refused while it arrives. */
  readonly maxBytes: number;
}

/** The whole answer. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Decoded as UTF-8. */
  readonly body: string;
}

/** What is read of response headers, by any runtime's own kind. */
export interface ResponseHeaders extends Iterable<[string, string]> {
  get(name: string): string | null;
}

/**
 * Sends a request and collects the whole answer, whatever its status. Never follows a redirect. Rejects with a
 * `NetworkError` where no whole answer came, and with the signal's reason where it aborted.
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
