import { describe, expect, expectTypeOf, test } from "vitest";
import * as core from "./index.ts";
import {
  type AccessToken,
  ApiError,
  type ApiResponse,
  type BaseOptions,
  type ClientOverrides,
  createPersonifyClient,
  isPersonifyError,
  type MiddlewareOptions,
  optionsFromEnv,
  type Page,
  type PersonifyClient,
  type PersonifyClientOptions,
  PersonifyError,
  type PersonifyErrorCode,
  type PersonifyEvent,
  type RequestBinding,
  type RequestOptions,
  TokenRequestError,
  type TokenStore,
} from "./index.ts";

test("the package exports these values and no others", () => {
  expect(Object.keys(core).sort()).toEqual([
    "ApiError",
    "ConfigurationError",
    "NetworkError",
    "PersonifyError",
    "TimeoutError",
    "TokenRequestError",
    "bindRequest",
    "clientSecretBasic",
    "clientSecretPost",
    "createPersonifyClient",
    "isPersonifyError",
    "logEvents",
    "memoryTokenStore",
    "optionsFromEnv",
    "resolveMiddlewareOptions",
  ]);
});

/** Checked by the compiler; at run time nothing in here is called unless a test does. */
describe("the types", () => {
  const options = { clientId: "id", clientSecret: "secret", apiBaseUrl: "https://api.example.org" };
  const client = createPersonifyClient(options);

  test("of calls: unknown by default, what the caller expects where it says so", () => {
    interface Exhibitor {
      readonly id: string;
    }
    type Returns<F extends (...args: never[]) => unknown> = ReturnType<F>;
    const calls = {
      get: () => client.get("/a"),
      getTyped: () => client.get<Exhibitor>("/a/{id}", { path: { id: 1 } }),
      remove: () => client.delete("/a"),
      post: () => client.post("/a", { a: 1 }),
      put: () => client.put<Exhibitor>("/a", { a: 1 }),
      patch: () => client.patch<Exhibitor>("/a", [1, 2]),
      request: () => client.request("GET", "/a"),
      requestTyped: () => client.request<Exhibitor>("POST", "/a", { body: { a: 1 }, query: { b: [1, "2"] } }),
      items: async () => {
        for await (const item of client.paginate<Exhibitor>("/a")) return item;
        return undefined;
      },
      pages: async () => {
        for await (const page of client.paginate<Exhibitor>("/a").pages()) return page;
        return undefined;
      },
    };
    expectTypeOf<Returns<typeof calls.get>>().toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<Returns<typeof calls.getTyped>>().toEqualTypeOf<Promise<Exhibitor>>();
    expectTypeOf<Returns<typeof calls.remove>>().toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<Returns<typeof calls.post>>().toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<Returns<typeof calls.put>>().toEqualTypeOf<Promise<Exhibitor>>();
    expectTypeOf<Returns<typeof calls.patch>>().toEqualTypeOf<Promise<Exhibitor>>();
    expectTypeOf<Returns<typeof calls.request>>().toEqualTypeOf<Promise<ApiResponse<unknown>>>();
    expectTypeOf<Returns<typeof calls.requestTyped>>().toEqualTypeOf<Promise<ApiResponse<Exhibitor>>>();
    expectTypeOf<Returns<typeof calls.items>>().toEqualTypeOf<Promise<Exhibitor | undefined>>();
    expectTypeOf<Returns<typeof calls.pages>>().toEqualTypeOf<Promise<Page<Exhibitor> | undefined>>();
    expectTypeOf<ApiResponse<Exhibitor>["data"]>().toEqualTypeOf<Exhibitor>();
    expectTypeOf<ApiResponse<Exhibitor>["headers"]>().toEqualTypeOf<Headers>();
    expect(Object.values(calls)).toHaveLength(10);
  });

  test("of fetch fit where the runtime's own fetch is wanted", () => {
    const takesFetch = (own: (input: string | URL | Request, init?: RequestInit) => Promise<Response>) => own;
    const { fetch: unbound } = client;

    expect(takesFetch(unbound)).toBe(unbound);
    expectTypeOf(client.fetch).returns.toEqualTypeOf<Promise<Response>>();
  });

  test("of tokens", () => {
    expectTypeOf(client.getAccessToken).returns.toEqualTypeOf<Promise<AccessToken>>();
    expectTypeOf<AccessToken["value"]>().toEqualTypeOf<string>();
    expectTypeOf<AccessToken["expiresAt"]>().toEqualTypeOf<number>();
    expectTypeOf<AccessToken["scope"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf(client.invalidateAccessToken).returns.toEqualTypeOf<void>();
    expect(client.getAccessToken).toBeTypeOf("function");
  });

  test("of options: three are required, the rest is optional", () => {
    type Required = "clientId" | "clientSecret" | "apiBaseUrl";
    expectTypeOf<Pick<PersonifyClientOptions, Required>>().toExtend<PersonifyClientOptions>();
    expectTypeOf<PersonifyClientOptions["timeout"]>().extract<object>().toEqualTypeOf<{
      readonly token?: number | undefined;
      readonly request?: number | undefined;
    }>();
    expectTypeOf(optionsFromEnv).returns.toEqualTypeOf<PersonifyClientOptions>();
    expectTypeOf(process.env).toExtend<Parameters<typeof optionsFromEnv>[0]>();

    // @ts-expect-error the secret is missing
    expect(() => createPersonifyClient({ clientId: "id", apiBaseUrl: "https://x.example" })).toThrow();
    // @ts-expect-error there is no such option
    expect(() => createPersonifyClient({ ...options, tennantId: "a" })).toThrow();
    // @ts-expect-error true is no tenant
    expect(() => createPersonifyClient({ ...options, tenantId: true })).toThrow();
    // @ts-expect-error there is one way to allow http
    expect(() => createPersonifyClient({ ...options, allowInsecureHttp: true })).toThrow();
    // @ts-expect-error there is no such limit
    expect(() => createPersonifyClient({ ...options, timeout: { connect: 1 } })).toThrow();
    // @ts-expect-error true says nothing about how
    expect(() => createPersonifyClient({ ...options, retry: true })).toThrow();
  });

  test("of a call's options and of with()", async () => {
    expectTypeOf<keyof RequestOptions>().toEqualTypeOf<
      "path" | "query" | "headers" | "signal" | "timeout" | "tenantId"
    >();
    expectTypeOf<keyof ClientOverrides>().toEqualTypeOf<"tenantId" | "signal" | "headers" | "waitUntil">();
    expectTypeOf(client.with).returns.toEqualTypeOf<PersonifyClient>();
    client.with({ tenantId: false, signal: AbortSignal.abort(), headers: { a: "b" } });
    client.with(() => ({ tenantId: "a" }));

    // @ts-expect-error a GET has no body
    await expect(client.get("/a", { body: {} })).rejects.toThrow(core.ConfigurationError);
    // @ts-expect-error there is no such option
    await expect(client.post("/a", {}, { tenant: "a" })).rejects.toThrow(core.ConfigurationError);
    // @ts-expect-error a number is no tenant
    await expect(client.get("/a", { tenantId: 7 })).rejects.toThrow(core.ConfigurationError);
    // @ts-expect-error there is no such override
    expect(() => client.with({ timeout: 1 })).toThrow(core.ConfigurationError);
    // @ts-expect-error overrides are found without waiting
    await expect(client.with(async () => ({ tenantId: "a" })).get("/a")).rejects.toThrow();
  });

  test("of an adapter's options: a binding with either a client or the options of one", () => {
    interface Incoming {
      readonly host: string;
    }
    type Options = MiddlewareOptions<Incoming>;
    const base: BaseOptions = options;
    const accepted: Options[] = [
      { client },
      { ...base },
      { client, tenantId: (request) => request.host, allowedTenants: ["a"], forwardHeaders: ["traceparent"] },
      { ...base, tenantId: false, allowedTenants: (tenantId) => tenantId !== "a" },
      { ...base, tenantId: "a" },
    ];
    const refused: Options[] = [
      // @ts-expect-error neither a client nor its options
      { tenantId: "a" },
      // @ts-expect-error the request has no such member
      { client, tenantId: (request) => request.hostname },
      // @ts-expect-error a list is wanted
      { client, forwardHeaders: "traceparent" },
    ];
    expectTypeOf<"tenantId" extends keyof BaseOptions ? true : false>().toEqualTypeOf<false>();
    expectTypeOf<RequestBinding<Incoming>["tenantId"]>().toEqualTypeOf<
      string | false | ((request: Incoming) => string | undefined) | undefined
    >();
    expect([accepted.length, refused.length]).toEqual([5, 3]);
  });

  test("of errors: isPersonifyError narrows, and codes are a closed list", () => {
    const error: unknown = new ApiError("x", { code: "api_error" }, response());

    expect(isPersonifyError(error)).toBe(true);
    if (isPersonifyError(error)) {
      expectTypeOf(error).toEqualTypeOf<PersonifyError>();
      expectTypeOf(error.code).toEqualTypeOf<PersonifyErrorCode>();
      error.status = 500;
    }
    expectTypeOf<ApiError["response"]["data"]>().toEqualTypeOf<unknown>();
    expectTypeOf<TokenRequestError["error"]>().toEqualTypeOf<string | undefined>();
    expectTypeOf<TokenRequestError["errorDescription"]>().toEqualTypeOf<string | undefined>();
    // @ts-expect-error there is no such code
    expect(new PersonifyError("x", { code: "no_such_code", status: 500 })).toBeInstanceOf(Error);
    expect(TokenRequestError.prototype).toBeInstanceOf(PersonifyError);
  });

  test("of events: a union told apart by type", () => {
    const durations = (event: PersonifyEvent): number | undefined =>
      event.type === "token_received" ? event.duration + event.lifetime : undefined;

    expect(durations({ type: "call_replayed", tenantId: "t-1", method: "GET" })).toBeUndefined();
    // @ts-expect-error there is no such event
    expect(durations({ type: "token_lost" })).toBeUndefined();
  });

  test("of a token store: a lease is optional", () => {
    const store: TokenStore = { get: async () => undefined, set: async () => {} };

    expect(createPersonifyClient({ ...options, tokenStore: store })).toBeTypeOf("object");
    // @ts-expect-error it cannot be written to
    expect(() => createPersonifyClient({ ...options, tokenStore: { get: store.get } })).toThrow();
  });
});

function response() {
  return { status: 500, headers: new Headers(), data: undefined };
}
