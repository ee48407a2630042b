// biome-ignore-start assist/source/organizeImports: these must be evaluated before undici is loaded.
import "./supported-node.ts";
import { hasForeignGlobalDispatcher, restoreGlobalDispatcher } from "./global-dispatcher.ts";
// biome-ignore-end assist/source/organizeImports: see above.

import type { Readable } from "node:stream";
import { type Dispatcher, Dispatcher1Wrapper, getGlobalDispatcher } from "undici";
import { ByteCollector } from "./collect-bytes.ts";
import { createFetchTransport } from "./fetch-transport.ts";
import { responseTooLarge, toNetworkError } from "./network-error.ts";
import type { ResponseHeaders, Transport, TransportRequest, TransportResponse } from "./transport.ts";

restoreGlobalDispatcher();

/**
 * The transport for Node. Without a dispatcher it looks up undici's global one on each call, so a proxy or a mock
 * that is set later is seen; one that undici does not know of works through fetch.
 */
export function createTransport(dispatcher?: Dispatcher): Transport {
  const throughFetch = createFetchTransport(createFetch());
  return (request) => {
    if (dispatcher === undefined && hasForeignGlobalDispatcher()) return throughFetch(request);
    return new Promise((resolve, reject) => {
      if (request.signal.aborted) return reject(request.signal.reason);
      const collector = new Collector(request, resolve, reject);
      try {
        (dispatcher ?? getGlobalDispatcher()).dispatch(
          {
            origin: request.url.origin,
            path: request.url.pathname + request.url.search,
            method: request.method as Dispatcher.HttpMethod,
            headers: request.headers,
            body: (request.body ?? null) as string | Uint8Array | Readable | null,
            // The request's own signal sets the limits.
            headersTimeout: 0,
            bodyTimeout: 0,
            // An interceptor of the dispatcher would follow redirects to any origin, with secret, tenant and body.
            maxRedirections: 0,
          } as Dispatcher.DispatchOptions,
          collector,
        );
      } catch (error) {
        // A caller's own dispatcher may throw, where undici's tell the handler.
        collector.fail(error);
      }
    });
  };
}

/** `fetch` for Node, through `dispatcher` where there is one. */
export function createFetch(dispatcher?: Dispatcher): typeof fetch {
  if (dispatcher === undefined) return (input, init) => globalThis.fetch(input, init);
  // Node's own fetch speaks an older dispatcher interface than undici 7 and later.
  const wrapped = new Dispatcher1Wrapper(dispatcher);
  return (input, init) => globalThis.fetch(input, { ...init, dispatcher: wrapped as never });
}

/** Receives one response from a dispatcher, without a stream in between. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #request: TransportRequest;
  readonly #resolve: (response: TransportResponse) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #abort = () => {
    this.#reject(this.#request.signal.reason);
    this.#controller?.abort(this.#request.signal.reason);
  };
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #headers: Record<string, string | string[] | undefined> = {};
  readonly #bytes: ByteCollector;

  constructor(
    request: TransportRequest,
    resolve: (response: TransportResponse) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#bytes = new ByteCollector(request.maxBytes);
    this.#resolve = resolve;
    this.#reject = reject;
    request.signal.addEventListener("abort", this.#abort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Aborted while it waited for a connection.
    if (this.#request.signal.aborted) controller.abort(this.#request.signal.reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    const { url, maxBytes } = this.#request;
    if (!this.#bytes.add(chunk)) controller.abort(responseTooLarge(url, maxBytes));
  }

  onResponseEnd(): void {
    this.#request.signal.removeEventListener("abort", this.#abort);
    this.#resolve({
      status: this.#status,
      headers: new ReceivedHeaders(this.#headers),
      body: this.#bytes.text(),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    const { signal, url } = this.#request;
    signal.removeEventListener("abort", this.#abort);
    this.#reject(signal.aborted ? signal.reason : toNetworkError(error, url));
  }
}

/** Header fields as undici hands them over. An object with two functions of its own for each answer cost a call 2 %. */
class ReceivedHeaders implements ResponseHeaders {
  readonly #record: Record<string, string | string[] | undefined>;

  constructor(record: Record<string, string | string[] | undefined>) {
    this.#record = record;
  }

  get(name: string): string | null {
    const value = this.#record[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (const [name, value] of Object.entries(this.#record)) {
      for (const line of Array.isArray(value) ? value : [value]) {
        if (line !== undefined) yield [name, line];
      }
    }
  }
}
