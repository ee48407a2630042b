import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { request } from "undici";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { bindRequest, resolveMiddlewareOptions } from "./bind-request.ts";
import { type Answer, failureOf, type ReceivedRequest, recordingServer } from "./client.test.support.ts";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import { isPersonifyError, type PersonifyErrorCode } from "./errors.ts";
import type { PersonifyEvent } from "./events.ts";
import { optionsFromEnv, type PersonifyClientOptions } from "./options.ts";
import { findLeaks } from "./secrets.test.support.ts";
import { clientSecretBasic } from "./token/client-auth.ts";
import type { StoredToken, TokenStore } from "./token/token-store.ts";

const clientId = "portal";
const clientSecret = 'Zq9+se/cret "of" the=client&7%\\';
const secretOfQuery = "in-the-query-4711";
const secretOfTokenUrl = "in-the-token-url-4712";
const secretOfBody = "in-the-body-4713";
const secretOfHeader = "in-a-header-4714";
const fixed = [clientSecret, secretOfQuery, secretOfTokenUrl, secretOfBody, secretOfHeader];

/** A path whose template and options both carry a query that is nobody else's business. */
const path = `/a?key=${secretOfQuery}`;
const query = { email: secretOfQuery };

/** Every token that the servers of a test handed out. */
let issued: string[];

beforeEach(() => {
  issued = [];
  // Retries are jittered from 0 up: none is waited for.
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.restoreAllMocks());

function issue(): string {
  const token = `token-${issued.length}-${crypto.randomUUID()}/+~==`;
  issued.push(token);
  return token;
}

const grant: Answer = (_request, response) =>
  void response.end(JSON.stringify({ access_token: issue(), token_type: "Bearer", expires_in: 3600 }));

/** All that a server can repeat of what it received. */
function echo(request: ReceivedRequest): string {
  const authorization = request.header("authorization").join();
  const form = new URLSearchParams(request.body);
  return [request.body, ...form.values(), authorization, request.url, form.get("client_secret")].join(" ");
}

const tokenAnswers: Record<string, Answer> = {
  "an invalid_client whose description repeats the request": (request, response) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ error: "invalid_client", error_description: echo(request) }));
  },
  "an error code that repeats the request": (request, response) => {
    response.statusCode = 401;
    response.end(JSON.stringify({ error: echo(request), error_uri: `https://x.example/?${request.body}` }));
  },
  "an error that names a token": (_request, response) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ error: "invalid_grant", access_token: issue() }));
  },
  "an HTML page": (request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(`<html>${echo(request)}</html>`);
  },
  "a 403 with a page": (request, response) => void response.writeHead(403).end(echo(request)),
  "a 404 with a page": (request, response) => void response.writeHead(404).end(echo(request)),
  "a 503 with a page": (request, response) =>
    void response.writeHead(503, { "retry-after": "0" }).end(echo(request)),
  "a redirect": (request, response) =>
    void response.writeHead(307, { location: `/elsewhere?${request.body}` }).end(),
  "truncated JSON": (_request, response) => void response.end(`{"access_token":"${issue()}","token_ty`),
  "a token that fits in no header": (_request, response) => {
    const token = `${issue()}\r\nx-a: 1`;
    response.end(JSON.stringify({ access_token: token, token_type: "Bearer" }));
  },
  "a token of another type": (_request, response) =>
    void response.end(JSON.stringify({ access_token: issue(), token_type: "mac" })),
  "over 1 MiB": (request, response) =>
    void response.end(JSON.stringify({ access_token: issue(), filler: echo(request).repeat(10_000) })),
  "a body that breaks off": (_request, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write(`{"access_token":"${issue()}"`, () => response.destroy());
  },
  "a reset": (_request, response) => void response.socket?.resetAndDestroy(),
  silence: () => {},
};

/** The code that each of them leads to. */
const tokenCodes: Record<string, PersonifyErrorCode> = {
  "an invalid_client whose description repeats the request": "token_request_refused",
  "an error code that repeats the request": "token_request_refused",
  "an error that names a token": "token_request_refused",
  "an HTML page": "token_response_invalid",
  "a 403 with a page": "token_request_refused",
  "a 404 with a page": "token_response_invalid",
  "a 503 with a page": "token_endpoint_unavailable",
  "a redirect": "token_response_invalid",
  "truncated JSON": "token_response_invalid",
  "a token that fits in no header": "token_response_invalid",
  "a token of another type": "token_response_invalid",
  "over 1 MiB": "response_too_large",
  "a body that breaks off": "token_network_error",
  "a reset": "token_network_error",
  silence: "token_timeout",
};

const apiAnswers: Record<string, Answer> = {
  ...Object.fromEntries(
    [400, 401, 403, 404, 429, 500, 503].flatMap((status): [string, Answer][] => [
      [
        `a ${status} with JSON that repeats the request`,
        (request, response) => {
          const headers = { "retry-after": "0", "x-echo": echo(request).replace(/[\r\n]/g, "") };
          response.writeHead(status, headers).end(JSON.stringify({ sent: echo(request) }));
        },
      ],
      [`a ${status} with text`, (request, response) => void response.writeHead(status).end(echo(request))],
    ]),
  ),
  "an HTML page": (request, response) => void response.end(`<html>${echo(request)}</html>`),
  "truncated JSON": (request, response) => void response.end(`{"sent":"${echo(request)}`),
  "a redirect": (request, response) =>
    void response.writeHead(302, { location: `https://elsewhere.example/?${echo(request)}` }).end(),
  "a reset": (_request, response) => void response.socket?.resetAndDestroy(),
  "a body that breaks off": (request, response) => {
    response.writeHead(200, { "content-length": "100000" });
    response.write(`{"sent":"${echo(request)}"`, () => response.destroy());
  },
  silence: () => {},
};

/** The code that each of them leads to, `api_error` where none is named. */
const apiCodes: Record<string, PersonifyErrorCode> = {
  "an HTML page": "response_invalid",
  "truncated JSON": "response_invalid",
  "a reset": "network_error",
  "a body that breaks off": "network_error",
  silence: "request_timeout",
};

const malformedAnswers: Record<string, (received: string) => string> = {
  "what it received": (received) => received,
  "a chunk size that repeats what it received": (received) =>
    `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz ${received}`,
};

/** A server whose answer is no HTTP. */
async function malformedServer(answer: (received: string) => string): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => socket.end(answer(data.toString())));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a test saw, by name. */
class Evidence extends Map<string, unknown> {
  readonly codes = new Set<PersonifyErrorCode>();

  add(name: string, value: unknown): void {
    this.set(`${this.size} ${name}`, value);
    if (isPersonifyError(value)) this.codes.add(value.code);
  }
}

function quickClient(
  options: Partial<PersonifyClientOptions> & Pick<PersonifyClientOptions, "apiBaseUrl">,
): PersonifyClient {
  return createPersonifyClient({
    clientId,
    clientSecret,
    tenantId: "tenant-1",
    allowInsecureHttp: "loopback",
    retry: { maxRetries: 1, baseDelay: 1, maxDelay: 1 },
    ...options,
  });
}

const noLeaks: unknown[] = [];

describe("no secret, token or query string shows", () => {
  test.each(Object.entries(tokenAnswers))("where the token endpoint answers %s", async (what, answer) => {
    const server = await recordingServer(answer);
    const evidence = new Evidence();
    const onEvent = (event: PersonifyEvent) => evidence.add(event.type, event);
    for (const clientAuth of [undefined, clientSecretBasic()]) {
      for (const fetchOption of [undefined, fetch]) {
        const personify = quickClient({
          apiBaseUrl: server.url,
          tokenUrl: `${server.url}/token?code=${secretOfTokenUrl}`,
          clientAuth,
          fetch: fetchOption,
          onEvent,
          timeout: { token: what === "silence" ? 30 : 10_000 },
        });
        evidence.add("get", await failureOf(personify.get(path, { query })));
        evidence.add("fetch", await failureOf(personify.fetch(path)));
        evidence.add("getAccessToken", await failureOf(personify.getAccessToken()));
        evidence.add("client", personify);
      }
    }

    expect(server.requests[0]?.body).toContain(new URLSearchParams({ s: clientSecret }).toString().slice(2));
    expect([...evidence.codes]).toEqual([tokenCodes[what]]);
    expect(findLeaks(evidence, [...fixed, ...issued])).toEqual(noLeaks);
  });

  test.each(Object.entries(apiAnswers))("where the API answers %s", async (what, answer) => {
    const server = await recordingServer((request, response, incoming) =>
      (request.url === "/token" ? grant : answer)(request, response, incoming),
    );
    const evidence = new Evidence();
    for (const fetchOption of [undefined, fetch]) {
      const personify = quickClient({
        apiBaseUrl: server.url,
        tokenUrl: `${server.url}/token`,
        fetch: fetchOption,
        onEvent: (event) => evidence.add(event.type, event),
        timeout: { request: what === "silence" ? 30 : 10_000 },
      });
      evidence.add("token", await personify.getAccessToken());
      const headers = { "x-key": secretOfHeader };
      const body = { text: secretOfBody };
      evidence.add("get", await failureOf(personify.get(path, { query, headers })));
      evidence.add("post", await failureOf(personify.post(path, body, { query, headers })));
      evidence.add("client", personify.with({ headers }));
    }

    expect(issued.length).toBeGreaterThan(0);
    expect([...evidence.codes]).toEqual([apiCodes[what] ?? "api_error"]);
    expect(findLeaks(evidence, [...fixed, ...issued])).toEqual(noLeaks);
  });

  test.each(Object.entries(malformedAnswers))(
    "where token endpoint or API answer %s in place of HTTP",
    async (_what, answer) => {
      const [good, bad] = [await recordingServer(grant), await malformedServer(answer)];
      const evidence = new Evidence();
      const onEvent = (event: PersonifyEvent) => evidence.add(event.type, event);
      for (const tokenUrl of [`${bad}/token?code=${secretOfTokenUrl}`, `${good.url}/token`]) {
        for (const fetchOption of [undefined, fetch]) {
          const personify = quickClient({ apiBaseUrl: bad, tokenUrl, fetch: fetchOption, onEvent });
          const failure = await failureOf(personify.get(path, { query }));
          expect(isPersonifyError(failure) && failure.code).toMatch(/network_error$/);
          evidence.add("get", failure);
        }
      }

      expect(issued).toHaveLength(2);
      expect(findLeaks(evidence, [...fixed, ...issued])).toEqual(noLeaks);
      // The parser's own error does quote what arrived.
      const ownError = await failureOf(request(`${bad}${path}`).then(({ body }) => body.text()));
      expect(findLeaks(new Map([["own", ownError]]), fixed)).not.toEqual(noLeaks);
    },
  );

  test("where an option or an argument is wrong", async () => {
    const server = await recordingServer();
    const url = server.url;
    const evidence = new Evidence();
    const wrong: Record<string, Partial<Record<keyof PersonifyClientOptions | "secret", unknown>>> = {
      "an unknown option": { secret: clientSecret },
      "a secret of the wrong type": { clientSecret: [clientSecret] },
      "a secret in the user part": { apiBaseUrl: `https://u:${encodeURIComponent(clientSecret)}@x.example` },
      "a secret in a malformed URL's user part": { apiBaseUrl: `https://u:${secretOfBody}@` },
      "a fragment": { apiBaseUrl: `https://x.example/#${secretOfQuery}` },
      "a query": { apiBaseUrl: `https://x.example/?${secretOfQuery}` },
      "a query of a malformed URL": { tokenUrl: `x.example/token?code=${secretOfTokenUrl}` },
      "a query of an origin": { allowedOrigins: [`https://x.example/?${secretOfQuery}`] },
      "a query of an http URL": { tokenUrl: `http://x.example/token?code=${secretOfTokenUrl}` },
      "client_secret as a parameter": { tokenParameters: { client_secret: clientSecret } },
    };
    for (const [name, changes] of Object.entries(wrong)) {
      const options = {
        apiBaseUrl: url,
        clientId,
        clientSecret,
        tenantId: "a",
        allowInsecureHttp: "loopback",
      };
      evidence.add(
        name,
        await failureOf((async () => createPersonifyClient({ ...options, ...changes } as never))()),
      );
    }
    const personify = quickClient({ apiBaseUrl: url, tokenUrl: `${url}/token` });
    const cycle: Record<string, unknown> = { text: secretOfBody };
    cycle["self"] = cycle;
    const calls: Record<string, () => Promise<unknown>> = {
      "another origin": () => personify.get(`https://elsewhere.example/?key=${secretOfQuery}`),
      "a user part": () => personify.fetch(`https://u:${secretOfQuery}@elsewhere.example/`),
      "a missing part": () => personify.get(`/a/{b}?key=${secretOfQuery}`),
      "a dot segment": () => personify.get(`/a/../b?key=${secretOfQuery}`),
      "a header of ours": () => personify.get(path, { headers: { Authorization: secretOfHeader } }),
      "a malformed header": () => personify.get(path, { headers: { "x-a": `${secretOfHeader}\n` } }),
      "a query value": () => personify.get(path, { query: { a: [{ b: secretOfQuery }] as never } }),
      "an unwritable body": () => personify.post(path, cycle),
      "a timeout": () => personify.get(path, { timeout: -1 }),
      "a secret that is not to be had": () =>
        quickClient({
          apiBaseUrl: url,
          clientSecret: () => {
            throw new Error("the vault is sealed");
          },
        }).get(path, { query }),
      "a secret of the wrong type from a function": () =>
        quickClient({ apiBaseUrl: url, clientSecret: () => [clientSecret] as never }).get(path, { query }),
      "no tenant": () => quickClient({ apiBaseUrl: url, tenantId: undefined }).get(path, { query }),
    };
    for (const [name, call] of Object.entries(calls)) evidence.add(name, await failureOf(call()));

    expect(server.requests).toEqual([]);
    expect(evidence.codes).toEqual(
      new Set([
        "invalid_option",
        "target_refused",
        "header_refused",
        "client_secret_unavailable",
        "missing_tenant",
      ]),
    );
    expect(findLeaks(evidence, fixed)).toEqual(noLeaks);
  });

  test("where a request's tenant or header is wrong", async () => {
    const client = quickClient({ apiBaseUrl: "https://x.example" });
    const evidence = new Evidence();
    const tenants = [undefined, `${secretOfQuery}\n`, secretOfQuery];
    for (const tenant of tenants) {
      const binding = { tenantId: () => tenant, allowedTenants: ["other"], forwardHeaders: ["traceparent"] };
      const bound = bindRequest(client, binding, { raw: {}, header: () => undefined });
      evidence.add("tenant", await failureOf(bound.get(path)));
    }
    const binding = { forwardHeaders: ["traceparent"] };
    const bound = bindRequest(client, binding, { raw: {}, header: () => `${secretOfHeader}\n` });
    evidence.add("header", await failureOf(bound.get(path)));

    expect([...evidence.codes]).toEqual([
      "request_tenant_missing",
      "request_tenant_invalid",
      "request_tenant_not_allowed",
      "request_header_invalid",
    ]);
    expect(findLeaks(evidence, fixed)).toEqual(noLeaks);
  });

  test("in a client, its token, its events, its store and the library's own output", async () => {
    const output = (["log", "info", "warn", "error", "debug"] as const).map((method) =>
      vi.spyOn(console, method).mockImplementation(() => {}),
    );
    const server = await recordingServer((request, response, incoming) =>
      request.url.startsWith("/token")
        ? grant(request, response, incoming)
        : void response.end(JSON.stringify({ ok: true })),
    );
    const stored = new Map<string, StoredToken>();
    const tokenStore: TokenStore = {
      get: async (key) => stored.get(key),
      set: async (key, token) => void stored.set(key, token),
    };
    const evidence = new Evidence();
    const personify = quickClient({
      apiBaseUrl: server.url,
      tokenUrl: `${server.url}/token?code=${secretOfTokenUrl}`,
      tokenStore,
      tokenParameters: { assertion: secretOfBody },
      onEvent: (event) => evidence.add(event.type, event),
    });
    const bound = personify.with({ headers: { "x-key": secretOfHeader } });
    const { client } = resolveMiddlewareOptions({ client: bound });

    await bound.get(path, { query });
    const first = await bound.getAccessToken();
    const second = await bound.getAccessToken({ forceRefresh: true });
    for (const [name, value] of Object.entries({ personify, bound, client, first, second, stored })) {
      evidence.add(name, value);
    }
    evidence.add("a paginator", bound.paginate(path, { query }));
    evidence.add("in a template", `${first} ${second}`);
    evidence.add("keys", [...stored.keys()]);

    expect(issued).toEqual([first.value, second.value]);
    expect(stored.size).toBe(1);
    expect(findLeaks(evidence, [...fixed, ...issued])).toEqual(noLeaks);
    for (const method of output) expect(method).not.toHaveBeenCalled();
  });

  test("in what optionsFromEnv returns, its copies, and a client made of it", () => {
    const options = optionsFromEnv({
      PERSONIFY_CLIENT_ID: clientId,
      PERSONIFY_CLIENT_SECRET: clientSecret,
      PERSONIFY_API_BASE_URL: "https://x.example",
      PERSONIFY_TENANT_ID: "tenant-1",
    });
    const evidence = new Evidence();
    evidence.add("options", options);
    evidence.add("a copy", { ...options, tenantId: "other" });
    evidence.add("a wrapper", { personify: { options: [options] } });
    evidence.add("a client", createPersonifyClient(options));
    evidence.add("an error about it", new Error("x", { cause: options }));

    expect(findLeaks(evidence, [clientSecret])).toEqual(noLeaks);
    expect((options.clientSecret as () => string)()).toBe(clientSecret);
  });
});

describe("the search above finds a planted leak", () => {
  const plants: Record<string, () => unknown> = {
    "in a message": () => new Error(`failed with ${clientSecret}`),
    "in a property": () => Object.assign(new Error("failed"), { config: { auth: clientSecret } }),
    "in a property that is not enumerable": () =>
      Object.defineProperty(new Error("failed"), "response", { value: { data: clientSecret } }),
    "in a cause": () => new Error("failed", { cause: new Error("why", { cause: { body: clientSecret } }) }),
    "in a stack": () => Object.assign(new Error("failed"), { stack: `Error: ${clientSecret}\n  at x` }),
    "in an AggregateError": () => new AggregateError([new Error(clientSecret)]),
    "under a symbol": () => ({ [Symbol("request")]: { clientSecret } }),
    "in a Map": () => new Map([["a", { b: clientSecret }]]),
    "in toJSON": () => ({ toJSON: () => clientSecret }),
    "in toString": () => ({ toString: () => clientSecret }),
    "in Headers": () => ({ headers: new Headers({ authorization: `Bearer ${secretOfHeader}` }) }),
    "in an array deep down": () => [[[[[[[[{ a: [clientSecret] }]]]]]]]],
  };

  test.each(Object.entries(plants))("%s", (_where, plant) => {
    expect(findLeaks(new Map([["planted", plant()]]), fixed)).not.toEqual(noLeaks);
  });

  test("and no leak in what holds none", () => {
    expect(findLeaks(new Map([["clean", new Error("fine")]]), fixed)).toEqual(noLeaks);
  });
});
