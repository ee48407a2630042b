import { isPersonifyError, NetworkError } from "../errors.ts";
import type { Target } from "./target.ts";

/** Certificates, TLS and malformed HTTP do not mend themselves between two attempts. */
const permanent =
  /CERT|UNABLE_TO|SSL|TLS|^EPROTO$|ALTNAME|SELF_SIGNED|^HPE_|^HTTPParserError$|HEADERS_OVERFLOW|INVALID_ARG|NOT_SUPPORTED/;

/**
 * The typed error for what a runtime threw. It takes over the cause's code and no more: messages and parser errors
 * may quote headers or a body.
 */
export function toNetworkError(cause: unknown, url: Target): Error {
  if (isPersonifyError(cause)) return cause;
  const code = findCode(cause);
  // Deno and workerd say no code.
  const isPermanent = code === undefined ? /certificate/i.test(String(cause)) : permanent.test(code);
  return new NetworkError(
    `No answer from ${url.origin} (${code ?? "connection failed"}); check the URL, DNS, TLS and proxy settings`,
    { code: "network_error", retryable: !isPermanent },
  );
}

/** The answer was larger than allowed and was cut off. */
export function responseTooLarge(url: Target, maxBytes: number): NetworkError {
  return new NetworkError(
    `The answer from ${url.origin} is larger than ${maxBytes / 1024 / 1024} MiB; ask for less at a time, or stream it with client.fetch()`,
    { code: "response_too_large", retryable: false },
  );
}

/** The innermost code: fetch wraps the system's error, and several addresses come as an AggregateError. */
function findCode(error: unknown): string | undefined {
  let code: string | undefined;
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth++) {
    const link = current as { name?: unknown; code?: unknown; cause?: unknown; errors?: unknown[] };
    if (typeof link.code === "string" && /^[A-Z][A-Z0-9_]*$/.test(link.code)) code = link.code;
    // undici's error for malformed HTTP often comes without a code.
    else if (link.name === "HTTPParserError") code = link.name;
    current = link.cause ?? link.errors?.[0];
  }
  return code;
}
