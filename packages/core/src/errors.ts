const brand = Symbol.for("@personify-auth/core/error");

/**
 * What went wrong, as a stable identity to branch on. Messages may change, codes do not. What each means, what it is
 * caused by and what to do is in docs/errors.md, which is made of the comments here.
 */
export type PersonifyErrorCode =
  /**
   * An option, or an argument of a call, is missing, malformed or unknown. Nothing was sent.
   *
   * Likely causes: a misspelt name; a value of another type; an environment variable that is not set.
   *
   * What to do: mend the option that the message names.
   */
  | "invalid_option"
  /**
   * No tenant is set for the call: neither by option nor by argument. Nothing was sent.
   *
   * Likely causes: `tenantId` or `PERSONIFY_TENANT_ID` is not set, and the call is made outside of a request or names
   * none.
   *
   * What to do: set `tenantId`, pass it with the call, or use `client.with({ tenantId })`; `tenantId: false` is for
   * APIs without tenants.
   */
  | "missing_tenant"
  /**
   * The path or URL of a call is malformed, or leads off the allowed origins or the base path. Nothing was sent.
   *
   * Likely causes: a value of `path` is missing or misspelt; a URL from somewhere else, such as the API's own answer,
   * was passed on.
   *
   * What to do: pass a template below `apiBaseUrl` with its values in `path`; add the origin to `allowedOrigins` if
   * it may receive the token.
   */
  | "target_refused"
  /**
   * A header of a call is malformed, or is the client's to set. Nothing was sent.
   *
   * Likely causes: a caller's own `Authorization` or `X-Tenant-Id`; a line break or a character beyond Latin-1 in a
   * value.
   *
   * What to do: leave out what the client sets itself; encode the value, such as with `encodeURIComponent`.
   */
  | "header_refused"
  /**
   * The end user's request names no tenant. Nothing was sent.
   *
   * Likely causes: the `tenantId` function of the adapter returned undefined or "" for this request.
   *
   * What to do: nothing, where the end user forgot it: 400 is the answer. Otherwise check what the function reads.
   */
  | "request_tenant_missing"
  /**
   * The end user's request names something that is no tenant id. Nothing was sent.
   *
   * Likely causes: a header or path with more than 256 characters, spaces, or characters beyond ASCII.
   *
   * What to do: nothing, where the end user sent rubbish: 400 is the answer. Otherwise check what the `tenantId`
   * function reads.
   */
  | "request_tenant_invalid"
  /**
   * The end user's request names a tenant that is not on `allowedTenants`. Nothing was sent.
   *
   * Likely causes: someone tries the tenants of others; a new tenant was not added to the list.
   *
   * What to do: add the tenant to `allowedTenants` if the app may act for it.
   */
  | "request_tenant_not_allowed"
  /**
   * A header of the end user's request is malformed and cannot be forwarded. Nothing was sent.
   *
   * Likely causes: a header on `forwardHeaders` holds a control character or is over 8 KiB.
   *
   * What to do: nothing, where the end user sent rubbish: 400 is the answer. Otherwise take the header off
   * `forwardHeaders`.
   */
  | "request_header_invalid"
  /**
   * The token endpoint answered with an OAuth error, such as invalid_client, or with 400, 401 or 403.
   *
   * Likely causes: a wrong or rotated secret, or one with a line break or quotes around it; a scope or grant that this
   * client does not have; the other `clientAuth` is expected.
   *
   * What to do: go by `error.error`, and check what the message names. A refusal is remembered for 5 to 60 s, a new
   * secret tried at once.
   */
  | "token_request_refused"
  /**
   * The token endpoint is throttled or failing: 429, 5xx, server_error or temporarily_unavailable.
   *
   * Likely causes: an outage or maintenance; too many token requests, such as from many processes that share no
   * tokens.
   *
   * What to do: try again later, after `error.retryAfter` ms where it is set; share tokens between processes with
   * `tokenStore`.
   */
  | "token_endpoint_unavailable"
  /**
   * The token endpoint answered something that is no token.
   *
   * Likely causes: `tokenUrl` is the address of a page, a proxy or another endpoint; a redirect, which is never
   * followed with credentials.
   *
   * What to do: check `tokenUrl`.
   */
  | "token_response_invalid"
  /**
   * The `clientSecret` function failed; its error is the `cause`.
   *
   * Likely causes: the vault or file that it reads is out of reach, or the app may not read it.
   *
   * What to do: look at `error.cause`.
   */
  | "client_secret_unavailable"
  /**
   * The `clientAuth` function failed. Its own error is left out: the secret was in its hands.
   *
   * Likely causes: a key or token service that it uses is out of reach; a fault in the function.
   *
   * What to do: catch the error in the function and look at it there.
   */
  | "client_auth_failed"
  /**
   * No token was obtained within `timeout.token`.
   *
   * Likely causes: the token endpoint is slow or out of reach; a `clientSecret` function that hangs.
   *
   * What to do: check the connection to `tokenUrl`; raise `timeout.token`.
   */
  | "token_timeout"
  /**
   * The call took longer than its time limit.
   *
   * Likely causes: a slow API; a large answer; retries, and waits that the API asked for.
   *
   * What to do: raise `timeout` for this call or `timeout.request` for all, or ask for less. A write may have taken
   * effect.
   */
  | "request_timeout"
  /**
   * No answer came from the API. Retryable unless TLS or HTTP itself is at fault.
   *
   * Likely causes: a wrong host; DNS, a firewall or a proxy; an expired certificate; a connection that broke.
   *
   * What to do: go by the code in the message, such as ECONNREFUSED. A write may have taken effect.
   */
  | "network_error"
  /**
   * No answer came from the token endpoint. Retryable unless TLS or HTTP itself is at fault.
   *
   * Likely causes: a wrong host in `tokenUrl`; DNS, a firewall or a proxy; an expired certificate; a connection that
   * broke.
   *
   * What to do: go by the code in the message, such as ECONNREFUSED.
   */
  | "token_network_error"
  /**
   * An answer was larger than allowed: 64 MiB from the API, 1 MiB from the token endpoint.
   *
   * Likely causes: a list without pages; a file; a `tokenUrl` that is no token endpoint.
   *
   * What to do: ask for less at a time, or stream the answer with `client.fetch()`.
   */
  | "response_too_large"
  /**
   * The API's answer is not what was asked for: no JSON, or no page.
   *
   * Likely causes: `apiBaseUrl` is the address of a page or a proxy; a file was asked for; a list that is not
   * paginated.
   *
   * What to do: read other content with `client.fetch()`, and what is no list of pages with `get()`; check
   * `apiBaseUrl`.
   */
  | "response_invalid"
  /**
   * The API answered with a status outside 200–299. Retryable for 408, 429 and 5xx.
   *
   * Likely causes: a wrong path; a tenant or client without the right; a fault in what was sent; an outage.
   *
   * What to do: go by `error.response.status` and `error.response.data`, which say what the API said.
   */
  | "api_error";

/** How a `PersonifyError` is built. `status` is what an end user gets; `retryAfter` is in ms. */
export interface PersonifyErrorInit {
  /** What went wrong; tells errors apart. */
  readonly code: PersonifyErrorCode;
  /** The HTTP status that an end user gets. */
  readonly status: number;
  /** Whether the same call may succeed later. Default false. */
  readonly retryable?: boolean;
  /** How long to wait before that, in ms. */
  readonly retryAfter?: number | undefined;
  /** What led to it. It must hold no secret, since logs print it. */
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
  /** The HTTP status. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: Headers;
  /** The parsed body, or its text. */
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
