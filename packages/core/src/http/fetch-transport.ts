import { responseTooLarge, toNetworkError } from "./network-error.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** The transport for runtimes whose own client is `fetch`: workerd, edge-light, Bun, Deno, or a `fetch` option. */
export function createFetchTransport(fetchOnce: typeof fetch): Transport {
  return async (request) => {
    try {
      const response = await fetchOnce(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.body !== undefined && { body: request.body as NonNullable<RequestInit["body"]> }),
        redirect: "manual",
        signal: request.signal,
        ...(request.body instanceof ReadableStream && { duplex: "half" }),
      });
      return { status: response.status, headers: response.headers, body: await readBody(response, request) };
    } catch (error) {
      throw request.signal.aborted ? request.signal.reason : toNetworkError(error, request.url);
    }
  };
}

/** The default transport under the conditions that choose this file; only Node has dispatchers. */
export function createTransport(): Transport {
  return createFetchTransport(createFetch());
}

/** The runtime's `fetch`, looked up on each call so that a mock that is set later is seen. */
export function createFetch(): typeof fetch {
  return (input, init) => globalThis.fetch(input, init);
}

async function readBody(response: Response, { url, maxBytes }: TransportRequest): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let text = "";
  for (let received = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    received += value.byteLength;
    if (received > maxBytes) {
      await reader.cancel();
      throw responseTooLarge(url, maxBytes);
    }
    text += decoder.decode(value, { stream: true });
  }
}
