import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Emulator, FaultDefinition } from "@personify-auth/emulator";
import { bindRequest, type RequestBinding, resolveMiddlewareOptions } from "../bind-request.ts";
import { optionsFor } from "../client.test.support.ts";
import { createPersonifyClient, type PersonifyClient } from "../client.ts";
import { isPersonifyError, type PersonifyError, type PersonifyErrorCode } from "../errors.ts";
import { createTransport } from "../http/fetch-transport.ts";
import { closedPort } from "../http/test-server.test.support.ts";
import { optionsFromEnv, type PersonifyClientOptions } from "../options.ts";
import { type ClientAuth, clientSecretBasic, clientSecretPost } from "../token/client-auth.ts";
import type { TokenStore } from "../token/token-store.ts";

/** An emulator, and what is told of it to a client. */
interface Place {
  readonly emulator: Emulator;
  /** A client with these settings, of whatever type, in place of the right ones. */
  client(changes?: Record<string, unknown>): PersonifyClient;
}

/** Does what raises an error. */
type Situation = (place: Place) => unknown;

const list = "/api/v1/exhibitor/event/{eventId}";
const whoami = "/api/v1/whoami";

/** A setting of a client that is wrong. */
function option(changes: Record<string, unknown>): Situation {
  return ({ client }) => client(changes).getAccessToken();
}

/** A call whose arguments are wrong, whatever their types say. */
function get(path: unknown, options?: unknown, changes?: Record<string, unknown>): Situation {
  return ({ client }) => client(changes).get(path as string, options as object);
}

/** A call that meets a fault of the token endpoint or the API. */
function fault(definition: FaultDefinition, changes: Record<string, unknown> = {}): Situation {
  return ({ emulator, client }) => {
    emulator.faults.add({ ...definition, times: Infinity });
    return client({ retry: false, ...changes }).get(whoami);
  };
}

/** Options of an adapter that are wrong. */
function adapter(options: unknown): Situation {
  return ({ client }) =>
    resolveMiddlewareOptions(
      typeof options === "object" && options !== null ? { client: client(), ...options } : (options as never),
    );
}

/** A request whose headers all have one value. */
function request(binding: RequestBinding<unknown>, header?: string): Situation {
  return ({ client }) => bindRequest(client(), binding, { raw: {}, header: () => header }).get(whoami);
}

/** A store that answers when it is told that it is too late, and what it is told. */
const slowStore: Situation = async ({ client }) => {
  let reason: unknown;
  const tokenStore: TokenStore = {
    get: (_key, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          reason = signal.reason;
          resolve(undefined);
        });
      }),
    set: async () => {},
  };
  await client({ tokenStore }).get(whoami);
  throw reason;
};

/** An API that answers with more than a client takes. */
function tooLarge(changes: Record<string, unknown> = {}): Situation {
  return async ({ client }) => {
    const server = createServer((_request, response) => response.end(Buffer.alloc(64 * 1024 * 1024 + 1)));
    await once(server.listen(0, "127.0.0.1"), "listening");
    try {
      const { port } = server.address() as AddressInfo;
      await client({ apiBaseUrl: `http://127.0.0.1:${port}`, ...changes }).get("/");
    } finally {
      server.close();
      server.closeAllConnections();
    }
  };
}

/** A client authentication that uses two methods at once. */
const bothMethods: ClientAuth = (credentials, body, headers) => {
  clientSecretPost()(credentials, body, headers);
  clientSecretBasic()(credentials, body, headers);
};

const oauthError = (error: string): FaultDefinition => ({
  on: "token",
  kind: "token-response",
  status: 400,
  body: { error },
});
const grant = (body: object): FaultDefinition => ({ on: "token", kind: "token-response", body });
const apiStatus = (status: number): FaultDefinition => ({ on: "api", kind: "status", status });
const lastPage = { data: [], paginationMetadata: { currentPage: 7, hasNextPage: true } };

/** How errors of each code come about. The first of each is the example in docs/errors.md. */
const situations: Readonly<Record<PersonifyErrorCode, readonly Situation[]>> = {
  invalid_option: [
    option({ clientId: undefined }),
    () => createPersonifyClient(undefined as never),
    option({ clientSecert: "s" }),
    ({ client }) => client().with({ waitUntil: {} as never }),
    ({ client }) => client().getAccessToken(7 as never),
    option({ clientSecret: "" }),
    option({ clientSecret: () => "" }),
    option({ allowInsecureHttp: true }),
    option({ dispatcher: { dispatch() {} }, fetch }),
    option({ tokenStore: {} }),
    option({ apiBaseUrl: 7 }),
    option({ apiBaseUrl: "api.example.org" }),
    option({ apiBaseUrl: "https://user:password@api.example.org" }),
    option({ apiBaseUrl: "https://api.example.org#a" }),
    option({ apiBaseUrl: "https://api.example.org?a" }),
    option({ apiBaseUrl: "ftp://api.example.org" }),
    option({ apiBaseUrl: "http://api.example.org" }),
    option({ apiBaseUrl: "http://127.0.0.1", allowInsecureHttp: undefined }),
    option({ scope: "ä" }),
    option({ tokenParameters: "resource" }),
    option({ tokenParameters: { grant_type: "password" } }),
    option({ tokenParameters: { resource: "" } }),
    option({ allowedOrigins: "https://files.example.org" }),
    option({ allowedOrigins: ["https://files.example.org/path"] }),
    option({ timeout: 1_000 }),
    option({ timeout: { token: 0 } }),
    option({ retry: true }),
    option({ retry: { maxRetries: -1 } }),
    option({ tenantId: "" }),
    option({ clientAuth: bothMethods }),
    () => optionsFromEnv(undefined as never),
    () => optionsFromEnv({ PERSONIFY_CLIENT_ID: "portal" }),
    () =>
      optionsFromEnv({
        PERSONIFY_CLIENT_ID: "portal",
        PERSONIFY_CLIENT_SECRET: "s",
        PERSONIFY_API_BASE_URL: "http://127.0.0.1",
        PERSONIFY_ALLOW_INSECURE_HTTP: "yes",
      }),
    () => createTransport({}),
    get(whoami, "options"),
    get(whoami, { queri: {} }),
    get(whoami, { signal: "stop" }),
    get(whoami, { timeout: -1 }),
    get(whoami, { query: { a: {} } }),
    ({ client }) => client().request("TRACE", whoami),
    ({ client }) => client().request("GET", whoami, { body: {} }),
    ({ client }) => client().post(whoami, { id: 1n }),
    ({ client }) => client().with("tenant" as never),
    ({ client }) =>
      client()
        .with((async () => ({})) as never)
        .get(whoami),
    ({ client }) => client().paginate(`${whoami}?Page=2`),
    adapter(null),
    adapter({ scope: "idp_api" }),
    adapter({ client: {} }),
    adapter({ tenantId: "a b" }),
    adapter({ tenantId: () => "a", allowedTenants: "a" }),
    adapter({ allowedTenants: ["a"] }),
    adapter({ forwardHeaders: "traceparent" }),
    adapter({ forwardHeaders: ["a b"] }),
    adapter({ forwardHeaders: ["Cookie"] }),
  ],
  missing_tenant: [get(whoami, {}, { tenantId: undefined })],
  target_refused: [
    get(list),
    get(7),
    get("/a b"),
    get("//api.example.org/a"),
    get("/a/../b"),
    get("https://"),
    get("/{a"),
    get("https://user@127.0.0.1/a"),
    get("file:///a"),
    get("https://elsewhere.example.org/a"),
    ({ emulator, client }) =>
      client({ apiBaseUrl: `${emulator.apiBaseUrl}/base` }).get(`${emulator.apiBaseUrl}/a`),
    get(list, { path: { eventId: "1", evntId: "2" } }),
    get(list, { path: { eventId: ".." } }),
  ],
  header_refused: [
    get(whoami, { headers: { Authorization: "Bearer s" } }),
    get(whoami, { headers: { "a b": "c" } }),
    get(whoami, { headers: { "x-a": "b\nc" } }),
  ],
  request_tenant_missing: [request({ tenantId: () => undefined })],
  request_tenant_invalid: [request({ tenantId: () => "a b" })],
  request_tenant_not_allowed: [request({ tenantId: () => "b", allowedTenants: ["a"] })],
  request_header_invalid: [request({ forwardHeaders: ["traceparent"] }, "a\nb")],
  token_request_refused: [
    get(whoami, {}, { clientSecret: "wrong-secret" }),
    get(whoami, {}, { clientSecret: "wrong-secret\n" }),
    fault(oauthError("invalid_scope")),
    fault(oauthError("invalid_target")),
    fault(oauthError("unauthorized_client")),
    fault({ on: "token", kind: "status", status: 403 }),
    async ({ client }) => {
      const refused = client({ clientSecret: "wrong-secret", retry: false });
      await refused.get(whoami).catch(() => {});
      await refused.get(whoami);
    },
  ],
  token_endpoint_unavailable: [
    fault({ on: "token", kind: "status", status: 503, retryAfter: 20 }),
    fault(oauthError("server_error")),
    async ({ emulator, client }) => {
      emulator.faults.add({ on: "token", kind: "status", status: 503, retryAfter: 20 });
      const throttled = client();
      await throttled.get(whoami).catch(() => {});
      await throttled.get(whoami);
    },
  ],
  token_response_invalid: [
    fault({ on: "token", kind: "html" }),
    fault({ on: "token", kind: "redirect", location: "/elsewhere" }),
    fault(grant({ access_token: "a b" })),
    fault(grant({ access_token: "a", token_type: "mac" })),
  ],
  client_secret_unavailable: [
    option({ clientSecret: () => Promise.reject(new Error("The vault is sealed")) }),
  ],
  client_auth_failed: [
    option({
      clientAuth: () => {
        throw new Error("The key service is out of reach");
      },
    }),
  ],
  token_timeout: [
    fault({ on: "token", kind: "stall", before: "headers" }, { timeout: { token: 30 } }),
    slowStore,
  ],
  request_timeout: [fault({ on: "api", kind: "stall", before: "headers" }, { timeout: { request: 30 } })],
  network_error: [
    async ({ client }) =>
      client({ apiBaseUrl: `http://127.0.0.1:${await closedPort()}`, retry: false }).get("/"),
    fault({ on: "api", kind: "reset" }, { fetch }),
    ({ emulator, client }) => client({ apiBaseUrl: emulator.apiBaseUrl.replace("http:", "https:") }).get("/"),
  ],
  token_network_error: [
    async ({ client }) => client({ tokenUrl: `http://127.0.0.1:${await closedPort()}` }).get("/"),
    ({ emulator, client }) => client({ tokenUrl: emulator.tokenUrl.replace("http:", "https:") }).get("/"),
  ],
  response_too_large: [
    tooLarge(),
    tooLarge({ fetch }),
    fault({ on: "token", kind: "status", status: 200, body: "x".repeat(1024 * 1024 + 1) }),
  ],
  response_invalid: [
    fault({ on: "api", kind: "html" }),
    async ({ client }) => {
      for await (const _ of client().paginate(whoami));
    },
    async ({ emulator, client }) => {
      emulator.faults.add({ ...apiStatus(200), body: lastPage } as FaultDefinition);
      for await (const _ of client().paginate(whoami));
    },
  ],
  api_error: [
    get("/api/v1/no-such-path"),
    ...[302, 400, 401, 403, 408, 429, 500, 503].map((status) => fault(apiStatus(status))),
  ],
};

/** Raises every error there is, each in its situations, and returns them by code as they came. */
export async function raiseAll(emulator: Emulator): Promise<Map<PersonifyErrorCode, PersonifyError[]>> {
  const place: Place = {
    emulator,
    client: (changes) =>
      createPersonifyClient({
        ...optionsFor(emulator, emulator.credentials),
        ...changes,
      } as PersonifyClientOptions),
  };
  const raised = new Map<PersonifyErrorCode, PersonifyError[]>();
  for (const [code, ways] of Object.entries(situations)) {
    const errors: PersonifyError[] = [];
    for (const situation of ways) errors.push(await raise(situation, place));
    raised.set(code as PersonifyErrorCode, errors);
  }
  return raised;
}

async function raise(situation: Situation, place: Place): Promise<PersonifyError> {
  place.emulator.faults.clear();
  try {
    await situation(place);
  } catch (error) {
    if (isPersonifyError(error)) return error;
    throw error;
  }
  throw new Error(`Nothing was raised by ${situation}`);
}
