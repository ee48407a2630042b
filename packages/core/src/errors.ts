const brand = Symbol.for("@personify-auth/core/error");

/** What went wrong, as a stable identity to branch on. Messages may change, codes do not. */
export type PersonifyErrorCode =
  /** An option, or an argument of a call, is missing, malformed or unknown. */
  | "invalid_option"
  /** No tenant is set for the call: neither by option nor by argument. */
  | "missing_tenant"
  /** The path or URL of a call is malformed, or leads off the allowed origins or the base path. */
  | "target_refused"
  /** A header of a call is malformed, or is the client's to set. */
  | "header_refused"
  /** The end user's request names no tenant. */
  | "request_tenant_missing"
  /** The end user's request names something that is no tenant id. */
  | "request_tenant_invalid"
  /** The end user's request names a tenant that is not on `allowedTenants`. */
  | "request_tenant_not_allowed"
  /** A header of the end user's request is malformed and cannot be forwarded. */
  | "request_header_invalid"
  /** The token endpoint answered with an OAuth error, such as invalid_client, or with 400, 401 or 403. */
  | "token_request_refused"
  /** The token endpoint is throttled or failing: 429, 5xx, server_error or temporarily_unavailable. */
  | "token_endpoint_unavailable"
  /** The token endpoint answered something that is no token. */
  | "token_response_invalid"
  /** The `clientSecret` function failed; its error is the `cause`. */
  | "client_secret_unavailable"
  /** The `clientAuth` function failed. Its own error is left out: the secret was in its hands. */
  | "client_auth_failed"
  /** No token was obtained within `timeout.token`. */
  | "token_timeout"
  /** The call took longer than its time limit. */
  | "request_timeout"
  /** No answer came from the API. */
  | "network_error"
  /** No answer came from the token endpoint. */
  | "token_network_error"
  /** An answer was larger than allowed. */
  | "response_too_large"
  /** The API's answer is not what was asked for: no JSON, or no page. */
  | "response_invalid"
  /** The API answered with a status outside 200–299. */
  | "api_error";

/** How a `PersonifyError` is built. `status` is what an end user gets; `retryAfter` is in ms. */
export interface PersonifyErrorInit {
  readonly code: PersonifyErrorCode;
  readonly status: number;
  readonly retryable?: boolean;
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

const reasonPhrases: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Sent with a 503 whose origin named no delay, in ms. */
const defaultRetryAfter = 5_000;

/**
 * The base of every error that these packages raise. Its message and stack never hold a secret, a token, a
 * query string or an upstream body, so it is safe to log.
 *
 * `status`, `statusCode`, `expose`, `headers` and `getResponse()` are what Express, Koa and Hono read from an
 * error that nobody caught: they describe the answer to the end user, not the upstream's.
 */
export class PersonifyError extends Error {
  /** The stable identity of this error. */
  readonly code: PersonifyErrorCode;
  /** Whether the same call may succeed later without a change of settings. */
  readonly retryable: boolean;
  /** HTTP status for the end user: 400, 403, 500, 502, 503 or 504. Writable, since Koa assigns it. */
  status: number;
  /** The same as `status`, under the name that Express and Koa also read. */
  statusCode: number;
  /** Always false: frameworks send the reason phrase, never the message, to the end user. */
  readonly expose = false;
  /** Headers for the end user: `retry-after` in whole seconds with a 503, otherwise empty. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, init: PersonifyErrorInit) {
    super(message, init.cause === undefined ? undefined : { cause: init.cause });
    this.code = init.code;
    this.retryable = init.retryable ?? false;
    this.status = init.status;
    this.statusCode = init.status;
    this.headers =
      init.status === 503
        ? { "retry-after": String(Math.ceil((init.retryAfter ?? defaultRetryAfter) / 1_000)) }
        : {};
  }

  /** The answer to the end user as a WHATWG `Response`, which Hono sends for an uncaught error. */
  getResponse(): Response {
    return new Response(reasonPhrases[this.status] ?? "Error", {
      status: this.status,
      headers: { ...this.headers, "content-type": "text/plain; charset=utf-8" },
    });
  }
}

/**
 * An option, a call's argument or a tenant is missing or malformed. Raised before anything is sent; the message
 * names the option, what came and what would be right. End users get 500.
 */
export class ConfigurationError extends PersonifyError {
  constructor(message: string, code: PersonifyErrorCode = "invalid_option") {
    super(message, { code, status: 500 });
  }
}

/**
 * The token endpoint refused the request, is unavailable, or answered something that is no token (RFC 6749 §5.2).
 * End users get 503 with Retry-After where it is throttled or failing, otherwise 502.
 */
export class TokenRequestError extends PersonifyError {
  /** The `error` member of the response, such as `invalid_client` (RFC 6749 §5.2). */
  readonly error: string | undefined;
  readonly #errorDescription: string | undefined;
  /** How long the endpoint asked clients to wait, in ms, from Retry-After. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    init: Omit<PersonifyErrorInit, "status"> & {
      readonly error?: string | undefined;
      readonly errorDescription?: string | undefined;
    },
  ) {
    super(message, { ...init, status: init.code === "token_endpoint_unavailable" ? 503 : 502 });
    this.error = init.error;
    this.retryAfter = init.retryAfter;
    this.#errorDescription = init.errorDescription;
  }

  /** The `error_description` member. It is upstream text: no way of logging an error prints it. */
  get errorDescription(): string | undefined {
    return this.#errorDescription;
  }
}

/** What the API answered, on an `ApiError`. `data` is the parsed JSON, or the text where it is not JSON. */
export interface ApiErrorResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

/**
 * The API answered with a status outside 200–299 (`api_error`), or with a body that is not what was asked for
 * (`response_invalid`). End users get 503 with Retry-After for an upstream 429 or 503, otherwise 502.
 */
export class ApiError extends PersonifyError {
  readonly #response: ApiErrorResponse;

  constructor(
    message: string,
    init: { code: "api_error" | "response_invalid"; retryAfter?: number | undefined },
    response: ApiErrorResponse,
  ) {
    const throttled = response.status === 429 || response.status === 503;
    super(message, {
      code: init.code,
      status: throttled ? 503 : 502,
      retryable:
        init.code === "api_error" &&
        (response.status === 408 || response.status === 429 || response.status >= 500),
      retryAfter: init.retryAfter,
    });
    this.#response = response;
  }

  /** The upstream's answer. It may repeat a token: no way of logging an error prints it, `%o` included. */
  get response(): ApiErrorResponse {
    return this.#response;
  }
}

/** The token (`token_timeout`) or the call (`request_timeout`) took longer than its `timeout`. End users get 504. */
export class TimeoutError extends PersonifyError {
  constructor(message: string, code: "token_timeout" | "request_timeout") {
    super(message, { code, status: 504, retryable: true });
  }
}

type NetworkErrorCode = "network_error" | "token_network_error" | "response_too_large";

/** No usable answer came back: DNS, connection, TLS, a reset, or a body over the limit. End users get 502. */
export class NetworkError extends PersonifyError {
  declare readonly code: NetworkErrorCode;
  constructor(message: string, init: { code: NetworkErrorCode; retryable: boolean }) {
    super(message, { ...init, status: 502 });
  }
}

// On the prototypes, so that logging an error prints neither, and by literal names, so that a minifier keeps them.
Object.defineProperty(PersonifyError.prototype, brand, { value: true });
for (const [name, type] of Object.entries({
  PersonifyError,
  ConfigurationError,
  TokenRequestError,
  ApiError,
  TimeoutError,
  NetworkError,
})) {
  Object.defineProperty(type.prototype, "name", { value: name, writable: true, configurable: true });
}

/**
 * Whether `value` is an error of these packages. Goes by a brand and not by `instanceof`, so two installed copies
 * of this package agree; tell kinds apart by `code`.
 */
export function isPersonifyError(value: unknown): value is PersonifyError {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[brand] === true;
}
