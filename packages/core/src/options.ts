import type { Dispatcher } from "undici";
import type { AroundCall } from "./around-call.ts";
import { checkObject, describeValue, invalid, isObject, readMs, refuseUnknown } from "./check.ts";
import { ConfigurationError } from "./errors.ts";
import type { PersonifyEvent } from "./events.ts";
import { checkTenantId } from "./http/call-headers.ts";
import type { RetryPolicy } from "./http/retry.ts";
import { type ClientAuth, clientSecretPost } from "./token/client-auth.ts";
import type { TokenStore } from "./token/token-store.ts";

/** Settings of `createPersonifyClient`. Times are in ms. */
export interface PersonifyClientOptions {
  /** The client identifier that was handed out. Required. */
  clientId: string;
  /**
   * The client secret, or a function that reads it from where it is kept. A function is called before the first token
   * request, and again after `invalid_client`, so that a rotated secret is picked up. Required.
   */
  clientSecret: string | (() => string | Promise<string>);
  /** Base URL of the API that was handed out. Calls never leave its origin and path. Required. */
  apiBaseUrl: string | URL;
  /**
   * The tenant of calls that name none, sent as X-Tenant-Id. Without it each call must name one; `false` never sends
   * the header, for other APIs than Personify's. Default: none.
   */
  tenantId?: string | false | undefined;
  /** The token endpoint (RFC 6749 §3.2). Default `https://prod.personifyauth.com/connect/token`. */
  tokenUrl?: string | URL | undefined;
  /** Scopes to ask for, separated by spaces (RFC 6749 §3.3); "" leaves the choice to the server. Default `idp_api`. */
  scope?: string | undefined;
  /** Further form parameters of the token request, such as `resource` (RFC 8707) or `audience`. Default: none. */
  tokenParameters?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** How the client authenticates to the token endpoint (RFC 6749 §2.3). Default `clientSecretPost()`. */
  clientAuth?: ClientAuth | undefined;
  /** Where tokens are shared with other processes. Default: none, each client remembers its own. */
  tokenStore?: TokenStore | undefined;
  /** Origins besides `apiBaseUrl`'s that calls may go to, and so receive the token. Default: none. */
  allowedOrigins?: readonly (string | URL)[] | undefined;
  /** `"loopback"` allows http:// for 127.0.0.0/8, ::1 and localhost, for an emulator or tests. Default: https only. */
  allowInsecureHttp?: "loopback" | undefined;
  /**
   * Time limits in ms, each 1 to 2,147,483,647. `token` covers obtaining one token with its retries, default 10,000.
   * `request` covers a call with its token and retries until its body is parsed, default 30,000.
   */
  timeout?: { readonly token?: number | undefined; readonly request?: number | undefined } | undefined;
  /** How idempotent calls are repeated after a passing failure; `false` never repeats. Default: see `RetryPolicy`. */
  retry?: Partial<RetryPolicy> | false | undefined;
  /** Told what happens inside. A listener that throws or is slow never breaks a call. Default: none. */
  onEvent?: ((event: PersonifyEvent) => void) | undefined;
  /** Runs each call, for tracing, which has to be around one; what it throws, the call throws. Default: none. */
  aroundCall?: AroundCall | undefined;
  /** An undici (7 or later) dispatcher, on Node only. Default: undici's global one, looked up on each call. */
  dispatcher?: Dispatcher | undefined;
  /** A `fetch` to use instead of the runtime's own client. Not together with `dispatcher`. Default: none. */
  fetch?: typeof fetch | undefined;
}

/** What a setting is where it is left out. */
export const DEFAULTS = {
  tokenUrl: "https://prod.personifyauth.com/connect/token",
  scope: "idp_api",
  timeout: { token: 10_000, request: 30_000 },
  retry: { maxRetries: 2, baseDelay: 200, maxDelay: 5_000 },
} as const;

/** Settings that were checked, with every default in its place. */
export interface ResolvedOptions {
  readonly clientId: string;
  readonly clientSecret: string | (() => string | Promise<string>);
  /** Its path ends in "/". */
  readonly apiBaseUrl: URL;
  readonly tenantId: string | false | undefined;
  readonly tokenUrl: URL;
  /** Each scope once, sorted. */
  readonly scope: string | undefined;
  /** Sorted by name. */
  readonly tokenParameters: readonly (readonly [name: string, value: string])[];
  readonly clientAuth: ClientAuth;
  readonly tokenStore: TokenStore | undefined;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly timeout: { readonly token: number; readonly request: number };
  readonly retry: RetryPolicy;
  readonly onEvent: ((event: PersonifyEvent) => void) | undefined;
  readonly aroundCall: AroundCall | undefined;
  readonly dispatcher: Dispatcher | undefined;
  readonly fetch: typeof fetch | undefined;
}

const options: Record<keyof PersonifyClientOptions, true> = {
  clientId: true,
  clientSecret: true,
  apiBaseUrl: true,
  tenantId: true,
  tokenUrl: true,
  scope: true,
  tokenParameters: true,
  clientAuth: true,
  tokenStore: true,
  allowedOrigins: true,
  allowInsecureHttp: true,
  timeout: true,
  retry: true,
  onEvent: true,
  aroundCall: true,
  dispatcher: true,
  fetch: true,
};

/** Every option there is; the compiler sees to it that none is missing. */
export const optionNames: ReadonlySet<string> = new Set(Object.keys(options));

/** The client sets these parameters of a token request itself. */
const reservedParameters: ReadonlySet<string> = new Set([
  "grant_type",
  "client_id",
  "client_secret",
  "client_assertion",
  "client_assertion_type",
  "scope",
]);

/** Checks every option before anything is sent. Throws a `ConfigurationError` that names the first one at fault. */
export function resolveOptions(options: PersonifyClientOptions): ResolvedOptions {
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  refuseUnknown("", options, optionNames);
  const insecure = options.allowInsecureHttp;
  if (insecure !== undefined && insecure !== "loopback")
    throw invalid("allowInsecureHttp", '"loopback"', insecure);
  if (options.dispatcher !== undefined && options.fetch !== undefined) {
    throw new ConfigurationError(
      "Options dispatcher and fetch exclude each other; pass the one that is to send calls",
    );
  }
  // Defaults are for what is undefined alone: null is refused like any other wrong type.
  const {
    clientId,
    clientSecret,
    tokenUrl = DEFAULTS.tokenUrl,
    scope = DEFAULTS.scope,
    tokenParameters = {},
    allowedOrigins = [],
    timeout = {},
    retry = {},
  } = options;
  if (!isText(clientId)) throw invalid("clientId", "a non-empty string", clientId);
  if (typeof clientSecret !== "function" && !isText(clientSecret)) {
    // Shows no string that came: it may be a part of the secret.
    throw new ConfigurationError(
      `Option clientSecret: expected a non-empty string, or a function that returns one, got ${typeof clientSecret === "string" ? "an empty or malformed string" : describeValue(clientSecret)}`,
    );
  }
  const apiBaseUrl = readUrl("apiBaseUrl", options.apiBaseUrl, insecure);
  // Not url.search: a mere "?" would make what follows the base a query.
  if (apiBaseUrl.href.includes("?"))
    throw new ConfigurationError("Option apiBaseUrl: expected a URL without a query");
  if (!apiBaseUrl.pathname.endsWith("/")) apiBaseUrl.pathname += "/";
  return {
    clientId,
    clientSecret,
    apiBaseUrl,
    tenantId: checkTenantId(options.tenantId),
    tokenUrl: readUrl("tokenUrl", tokenUrl, insecure),
    scope: readScope(scope),
    tokenParameters: readTokenParameters(tokenParameters),
    clientAuth: optional("clientAuth", options.clientAuth, isFunction, "a function") ?? clientSecretPost(),
    tokenStore: optional("tokenStore", options.tokenStore, isTokenStore, "an object with get and set"),
    allowedOrigins: readOrigins(allowedOrigins, insecure),
    timeout: readTimeout(timeout),
    retry: retry === false ? { ...DEFAULTS.retry, maxRetries: 0 } : readRetry(retry),
    onEvent: optional("onEvent", options.onEvent, isFunction, "a function"),
    aroundCall: optional("aroundCall", options.aroundCall, isFunction, "a function"),
    dispatcher: optional("dispatcher", options.dispatcher, isDispatcher, "an undici Dispatcher"),
    fetch: optional("fetch", options.fetch, isFunction, "a function"),
  };
}

/**
 * Reads options from PERSONIFY_CLIENT_ID, _CLIENT_SECRET and _API_BASE_URL, which are required, and _TENANT_ID,
 * _TOKEN_URL, _SCOPE and _ALLOW_INSECURE_HTTP. Its `clientSecret` is a function, so that spreading and logging the
 * result keeps the secret hidden. Throws a `ConfigurationError` that names the variables that are missing.
 */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): PersonifyClientOptions {
  if (!isObject(env)) throw invalid("env", "an object such as process.env", env);
  const read = (name: string) => env[`PERSONIFY_${name}`] || undefined;
  const clientId = read("CLIENT_ID");
  const clientSecret = read("CLIENT_SECRET");
  const apiBaseUrl = read("API_BASE_URL");
  if (clientId === undefined || clientSecret === undefined || apiBaseUrl === undefined) {
    const required = { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, API_BASE_URL: apiBaseUrl };
    const missing = Object.keys(required).filter((name) => read(name) === undefined);
    throw new ConfigurationError(
      `Missing or empty in the environment: ${missing.map((name) => `PERSONIFY_${name}`).join(", ")}; set each as it was handed out`,
    );
  }
  const insecure = read("ALLOW_INSECURE_HTTP");
  if (insecure !== undefined && insecure !== "loopback") {
    throw invalid("PERSONIFY_ALLOW_INSECURE_HTTP", '"loopback"', insecure);
  }
  const optionals = {
    tenantId: read("TENANT_ID"),
    tokenUrl: read("TOKEN_URL"),
    scope: read("SCOPE"),
    allowInsecureHttp: insecure,
  };
  return {
    clientId,
    clientSecret: () => clientSecret,
    apiBaseUrl,
    ...Object.fromEntries(Object.entries(optionals).filter(([, value]) => value !== undefined)),
  };
}

function optional<T>(
  name: string,
  value: T | undefined,
  accepts: (value: unknown) => boolean,
  expected: string,
): T | undefined {
  if (value === undefined || accepts(value)) return value;
  throw invalid(name, expected, value);
}

function readUrl(name: string, value: string | URL, insecure: "loopback" | undefined): URL {
  if (typeof value !== "string" && !(value instanceof URL)) throw invalid(name, "a URL", value);
  const url = URL.parse(String(value));
  if (url === null) throw invalid(name, "an absolute URL, such as https://example.org", value);
  if (url.username !== "" || url.password !== "") {
    throw new ConfigurationError(`Option ${name}: expected a URL without a user name and password`);
  }
  if (url.href.includes("#"))
    throw new ConfigurationError(`Option ${name}: expected a URL without a fragment`);
  if (url.protocol === "https:") return url;
  if (url.protocol !== "http:") {
    throw new ConfigurationError(`Option ${name}: expected an https:// URL, got ${url.protocol}`);
  }
  if (insecure !== "loopback") {
    throw new ConfigurationError(
      `Option ${name}: expected an https:// URL, got http://; set allowInsecureHttp to "loopback" for a local server`,
    );
  }
  if (!isLoopback(url.hostname)) {
    throw new ConfigurationError(
      `Option ${name}: http:// is allowed for 127.0.0.0/8, [::1] and localhost only; use https://`,
    );
  }
  return url;
}

function isLoopback(hostname: string): boolean {
  // The URL parser has turned every way to write an IPv4 address into four decimals.
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function readScope(scope: string): string | undefined {
  if (typeof scope !== "string" || !/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(scope)) {
    throw invalid("scope", "scopes separated by spaces (RFC 6749 §3.3)", scope);
  }
  const scopes = [...new Set(scope.split(" ").filter((part) => part !== ""))];
  return scopes.length === 0 ? undefined : scopes.sort().join(" ");
}

function readTokenParameters(
  parameters: Readonly<Record<string, string | readonly string[]>>,
): [string, string][] {
  checkObject("tokenParameters", parameters);
  const pairs: [string, string][] = [];
  for (const name of Object.keys(parameters).sort()) {
    if (reservedParameters.has(name)) {
      throw new ConfigurationError(
        `Option tokenParameters.${name}: the client sets this parameter itself; use clientId, clientSecret, clientAuth or scope`,
      );
    }
    const value = parameters[name];
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isText(item))
        throw invalid(`tokenParameters.${name}`, "a non-empty string or an array of them", item);
      pairs.push([name, item]);
    }
  }
  return pairs;
}

function readOrigins(
  origins: readonly (string | URL)[],
  insecure: "loopback" | undefined,
): ReadonlySet<string> {
  if (!Array.isArray(origins)) throw invalid("allowedOrigins", "an array of origins", origins);
  return new Set(
    origins.map((value, index) => {
      const url = readUrl(`allowedOrigins[${index}]`, value, insecure);
      if (url.pathname === "/" && url.search === "") return url.origin;
      throw new ConfigurationError(
        `Option allowedOrigins[${index}]: expected an origin without a path, such as ${url.origin}`,
      );
    }),
  );
}

function readTimeout(timeout: NonNullable<PersonifyClientOptions["timeout"]>): ResolvedOptions["timeout"] {
  if (!isObject(timeout)) throw invalid("timeout", "an object { token, request }", timeout);
  refuseUnknown("timeout.", timeout, new Set(["token", "request"]));
  const { token = DEFAULTS.timeout.token, request = DEFAULTS.timeout.request } = timeout;
  return { token: readMs("timeout.token", token), request: readMs("timeout.request", request) };
}

function readRetry(retry: Partial<RetryPolicy>): RetryPolicy {
  if (!isObject(retry)) throw invalid("retry", "an object or false", retry);
  refuseUnknown("retry.", retry, new Set(Object.keys(DEFAULTS.retry)));
  const {
    maxRetries = DEFAULTS.retry.maxRetries,
    baseDelay = DEFAULTS.retry.baseDelay,
    maxDelay = DEFAULTS.retry.maxDelay,
  } = retry;
  if (!Number.isInteger(maxRetries) || maxRetries < 0 || maxRetries > 10) {
    throw invalid("retry.maxRetries", "a whole number from 0 to 10", maxRetries);
  }
  return {
    maxRetries,
    baseDelay: readMs("retry.baseDelay", baseDelay),
    maxDelay: readMs("retry.maxDelay", maxDelay),
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.isWellFormed();
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function isTokenStore(value: unknown): boolean {
  const store = value as Partial<TokenStore> | null;
  return typeof store === "object" && store !== null && isFunction(store.get) && isFunction(store.set);
}

function isDispatcher(value: unknown): boolean {
  return typeof value === "object" && value !== null && isFunction((value as Partial<Dispatcher>).dispatch);
}
