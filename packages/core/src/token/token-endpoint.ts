import { parseRetryAfter } from "../backoff.ts";
import { ConfigurationError, NetworkError, PersonifyError, TokenRequestError } from "../errors.ts";
import { basicCredentials, type ClientAuth, type ClientCredentials } from "./client-auth.ts";

/** Everything that shapes a token, apart from the secret. */
export interface TokenEndpoint {
  readonly tokenUrl: URL;
  readonly clientId: string;
  readonly clientAuth: ClientAuth;
  /** Normalised: each scope once, in order. Undefined asks for the server's default. */
  readonly scope: string | undefined;
  /** Further form parameters, such as `resource` (RFC 8707), which may repeat. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** A token request, ready to send. */
export interface TokenRequest {
  readonly method: "POST";
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** A larger response is refused while it arrives. */
  readonly maxBytes: number;
}

/** The answer as it came over the wire. */
export interface TokenResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
}

/** Sends one token request. Rejects with a typed error where no whole answer came. Never follows a redirect. */
export type SendTokenRequest = (request: TokenRequest) => Promise<TokenResponse>;

/** What the endpoint granted. `lifetime` in ms, 0 for a token that must be used once and not kept. */
export interface TokenGrant {
  readonly value: string;
  readonly lifetime: number;
  readonly scope: string | undefined;
  /** Whether fewer scopes were granted than asked for. */
  readonly narrowed: boolean;
}

const maxResponseBytes = 1024 * 1024;
const defaultLifetime = 300_000;
const maxLifetime = 86_400_000;
/** The `b64token` of RFC 6750 §2.1: anything else could break out of the Authorization header. */
const b64token = /^[A-Za-z0-9\-._~+/]+=*$/;
const decimal = /^-?\d+(\.\d+)?$/;

/** Builds one client-credentials request (RFC 6749 §4.4.2). */
export async function buildTokenRequest(
  endpoint: TokenEndpoint,
  clientSecret: string,
  signal: AbortSignal,
): Promise<TokenRequest> {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  if (endpoint.scope !== undefined) body.set("scope", endpoint.scope);
  for (const [name, value] of endpoint.parameters) body.append(name, value);
  const headers = new Headers({
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
  });
  try {
    await endpoint.clientAuth({ clientId: endpoint.clientId, clientSecret }, body, headers);
  } catch {
    // Without its error, which was made where the secret is at hand.
    throw new PersonifyError("Option clientAuth: the function failed; check what it throws", {
      code: "client_auth_failed",
      status: 502,
      retryable: true,
    });
  }
  const methods = [headers.has("authorization"), body.has("client_secret"), body.has("client_assertion")];
  if (methods.filter(Boolean).length > 1) {
    throw new ConfigurationError(
      "Option clientAuth used two authentication methods at once; RFC 6749 §2.3 allows one: use clientSecretPost() or clientSecretBasic()",
    );
  }
  return {
    method: "POST",
    url: endpoint.tokenUrl,
    headers: Object.fromEntries(headers),
    body: body.toString(),
    signal,
    maxBytes: maxResponseBytes,
  };
}

/** Sends it once. A connection error says that it was the token that failed, so that no one retries the call for it. */
export async function sendTokenRequest(
  send: SendTokenRequest,
  request: TokenRequest,
): Promise<TokenResponse> {
  try {
    return await send(request);
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const { code, message, retryable } = error;
    if (code === "response_too_large") {
      throw new NetworkError("The token endpoint's answer is larger than 1 MiB; check the tokenUrl option", {
        code,
        retryable,
      });
    }
    throw new NetworkError(`The token request failed: ${message}`, {
      code: "token_network_error",
      retryable,
    });
  }
}

/** Reads a token out of an answer, or throws a `TokenRequestError` that holds nothing secret. */
export function judgeTokenResponse(
  response: TokenResponse,
  endpoint: TokenEndpoint,
  clientSecret: string,
): TokenGrant {
  const answer = parseObject(response.body);
  const credentials = { clientId: endpoint.clientId, clientSecret };
  const error =
    typeof answer?.["error"] === "string" ? describeCode(answer["error"], credentials) : undefined;
  const { status } = response;
  if (status === 429 || status >= 500 || error === "server_error" || error === "temporarily_unavailable") {
    throw new TokenRequestError(
      `The token endpoint is unavailable (HTTP ${status}${error === undefined ? "" : `, ${error}`}); try again later`,
      {
        code: "token_endpoint_unavailable",
        retryable: true,
        retryAfter: parseRetryAfter(response.headers.get("retry-after"), Date.now()),
        error,
      },
    );
  }
  if (error !== undefined || status === 400 || status === 401 || status === 403) {
    const description = answer?.["error_description"];
    throw new TokenRequestError(
      `The token endpoint refused the request (HTTP ${status}, ${error ?? "no OAuth error given"}); ${advice(error, credentials)}`,
      {
        code: "token_request_refused",
        error,
        errorDescription: typeof description === "string" ? describe(description, credentials) : undefined,
      },
    );
  }
  if (status < 200 || status > 299) {
    const redirect = status >= 300 && status < 400 ? "; redirects are never followed with credentials" : "";
    throw invalid(`answered HTTP ${status}${redirect}`);
  }
  if (answer === undefined) throw invalid("answered something that is not a JSON object");
  const value = answer["access_token"];
  if (typeof value !== "string" || !b64token.test(value)) {
    throw invalid("answered no access_token that fits in a header (RFC 6750 §2.1)");
  }
  const type = answer["token_type"] ?? "Bearer";
  if (typeof type !== "string" || type.toLowerCase() !== "bearer") {
    throw invalid("answered a token_type other than Bearer");
  }
  const scope = readScope(answer["scope"], value, credentials) ?? endpoint.scope;
  return {
    value,
    lifetime: readLifetime(answer["expires_in"]),
    scope,
    narrowed: isNarrower(scope, endpoint.scope),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // The parser's message quotes the body, which may hold a token.
    return undefined;
  }
}

/** `expires_in` is in seconds; a lifetime that cannot be read is taken as five minutes. */
function readLifetime(expiresIn: unknown): number {
  const seconds =
    typeof expiresIn === "number" || (typeof expiresIn === "string" && decimal.test(expiresIn.trim()))
      ? Number(expiresIn)
      : Number.NaN;
  if (!Number.isFinite(seconds)) return defaultLifetime;
  return Math.min(Math.max(seconds * 1_000, 0), maxLifetime);
}

/** The granted scope (RFC 6749 §3.3); undefined where it is none, or where it repeats the token or the secret. */
function readScope(scope: unknown, token: string, credentials: ClientCredentials): string | undefined {
  const isScope = typeof scope === "string" && /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(scope);
  return isScope && !scope.includes(token) && !repeats(scope, credentials) ? scope : undefined;
}

function isNarrower(granted: string | undefined, requested: string | undefined): boolean {
  const scopes = new Set(granted?.split(" "));
  return requested?.split(" ").some((scope) => !scopes.has(scope)) ?? false;
}

const redacted = "[redacted: the answer repeats the client secret]";

/** An `error` fit for a message. Where it is prose instead of a code, it is upstream text like any other. */
function describeCode(text: string, credentials: ClientCredentials): string {
  const shown = describe(text, credentials);
  return shown === redacted || /^[\w.-]{1,64}$/.test(shown) ? shown : "[not an OAuth error code]";
}

/** Upstream text fit for an error: short, printable, and never an echo of the secret. */
function describe(text: string, credentials: ClientCredentials): string {
  return repeats(text, credentials) ? redacted : text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}

/** Whether a text holds the secret, as it is or encoded. Servers differ in the case of percent-encoding. */
function repeats(text: string, credentials: ClientCredentials): boolean {
  const { clientSecret } = credentials;
  const formEncoded = new URLSearchParams({ s: clientSecret }).toString().slice(2);
  const basic = basicCredentials(credentials).replace(/=+$/, "");
  // Not to lower case, where a Σ becomes another letter at the end of a word than inside.
  const upperCase = text.toUpperCase();
  return [clientSecret, formEncoded, encodeURIComponent(clientSecret), basic].some((form) =>
    upperCase.includes(form.toUpperCase()),
  );
}

function advice(error: string | undefined, { clientId, clientSecret }: ClientCredentials): string {
  switch (error) {
    case "invalid_scope":
      return "check the scope option against the scopes that were handed out";
    case "invalid_target":
      return "check tokenParameters.resource";
    case "unauthorized_client":
    case "unsupported_grant_type":
      return "ask for the client_credentials grant to be allowed for this clientId";
  }
  // As a file's line break and a setting's quotes come along. They may belong to a secret, which is why it was sent.
  const hasEnds = [clientId, clientSecret].some((text) => /^[\s"']|[\s"']$/.test(text));
  return `check clientId, clientSecret${hasEnds ? " (one has white space or a quote at an end)" : ""}, tokenUrl and clientAuth`;
}

function invalid(what: string): TokenRequestError {
  return new TokenRequestError(`The token endpoint ${what}; check the tokenUrl option`, {
    code: "token_response_invalid",
  });
}
