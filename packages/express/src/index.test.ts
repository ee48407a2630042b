import { ConfigurationError, createPersonifyClient, type PersonifyClient } from "@personify-auth/core";
import type { Emulator } from "@personify-auth/emulator";
import type { Request, RequestHandler } from "express";
import { beforeAll, describe, expect, expectTypeOf, onTestFinished, test, vi } from "vitest";
import { answering, emulated, loadExpress, optionsFor, served, versions } from "./app.test.support.ts";
import { type PersonifyOptions, personify } from "./index.ts";

const whoami = "/api/v1/whoami";

interface Whoami {
  readonly tenantId: string;
  readonly clientId: string;
  readonly headers: Readonly<Record<string, string>>;
}

describe.each(versions)("on $version", ({ packageName }) => {
  let express: Awaited<ReturnType<typeof loadExpress>>;

  beforeAll(async () => {
    express = await loadExpress(packageName);
  });

  const callsWhoami = () => answering(packageName, (req) => req.personify.get<Whoami>(whoami));

  async function json<T>(url: string, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(url, { headers });
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  }

  test("a request's handler has a client that calls the API as the configured tenant", async () => {
    const emulator = await emulated();
    const { tenantId, clientId } = emulator.credentials;
    const app = express();
    app.use(personify({ ...optionsFor(emulator), tenantId }));
    app.get("/", callsWhoami());

    const answer = await json<Whoami>(await served(app));

    expect(answer).toMatchObject({ tenantId, clientId });
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });

  test("a request that does not use its client costs no token and no call", async () => {
    const emulator = await emulated();
    const tenantId = vi.fn(() => "tenant");
    const app = express();
    app.use(personify({ ...optionsFor(emulator), tenantId }));
    app.get("/", (req, res) => void res.json({ has: typeof req.personify.get }));

    expect(await json(await served(app))).toEqual({ has: "function" });
    expect(emulator.requests()).toEqual([]);
    expect(tenantId).not.toHaveBeenCalled();
  });

  test("many requests at once share one token", async () => {
    const emulator = await emulated();
    const app = express();
    app.use(personify({ ...optionsFor(emulator), tenantId: emulator.credentials.tenantId }));
    app.get("/", callsWhoami());
    const url = await served(app);

    await Promise.all(Array.from({ length: 50 }, () => json(url)));

    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
    expect(emulator.requests({ kind: "api", status: 200 })).toHaveLength(50);
  });

  test("the tenant comes from the request, and interleaved requests are never mixed", async () => {
    const emulator = await emulated();
    const app = express();
    app.use(personify({ ...optionsFor(emulator), tenantId: (req) => req.get("x-subdomain") }));
    app.get("/", callsWhoami());
    const url = await served(app);

    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const tenant = emulator.tenants[index % 2]?.id ?? "";
        expect((await json<Whoami>(url, { "x-subdomain": tenant })).tenantId).toBe(tenant);
      }),
    );
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });

  test("the tenant function sees what middleware after the mount found out", async () => {
    const emulator = await emulated();
    const tenant = emulator.tenants[1]?.id ?? "";
    const app = express();
    app.use(personify({ ...optionsFor(emulator), tenantId: (req) => req.res?.locals["tenant"] }));
    app.use((_req, res, next) => {
      res.locals["tenant"] = tenant;
      next();
    });
    app.get("/", callsWhoami());

    expect((await json<Whoami>(await served(app))).tenantId).toBe(tenant);
  });

  test("chosen headers of the request go along, and no others", async () => {
    const emulator = await emulated();
    const app = express();
    app.use(
      personify({
        ...optionsFor(emulator),
        tenantId: emulator.credentials.tenantId,
        forwardHeaders: ["Traceparent", "accept-language"],
      }),
    );
    app.get("/", callsWhoami());

    const { headers } = await json<Whoami>(await served(app), { traceparent: "00-a-b-01", "x-private": "1" });

    expect(headers["traceparent"]).toBe("00-a-b-01");
    expect(headers).not.toHaveProperty("x-private");
  });

  test("two mounts with other credentials in one app keep apart", async () => {
    const emulator = await emulated();
    const { tenantId, clientId } = emulator.credentials;
    emulator.clients.add({ clientId: "second", clientSecret: "second-secret" });
    const app = express();
    app.use("/first", personify({ ...optionsFor(emulator), tenantId }));
    app.use(
      "/second",
      personify({ ...optionsFor(emulator), clientId: "second", clientSecret: "second-secret", tenantId }),
    );
    app.get("/first", callsWhoami());
    app.get("/second", callsWhoami());
    const url = await served(app);

    const answers = await Promise.all(
      ["first", "second", "first", "second"].map((path) => json<Whoami>(`${url}/${path}`)),
    );

    expect(answers.map((answer) => answer.clientId)).toEqual([clientId, "second", clientId, "second"]);
    expect(emulator.requests({ kind: "token" })).toHaveLength(2);
  });

  test("mounts that share a client share its token, each with its tenant", async () => {
    const emulator = await emulated();
    const client = createPersonifyClient(optionsFor(emulator));
    const app = express();
    for (const { id } of emulator.tenants) {
      app.use(`/${id}`, personify({ client, tenantId: id }));
      app.get(`/${id}`, callsWhoami());
    }
    const url = await served(app);

    for (const { id } of emulator.tenants) {
      expect((await json<Whoami>(`${url}/${id}`)).tenantId).toBe(id);
    }
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });

  describe.each(["development", "production"])("an uncaught error answers in %s", (env) => {
    const upstreamBody = "text-of-the-upstream";
    const status = (code: number, retryAfter?: number) => (emulator: Emulator) =>
      void emulator.faults.add({
        on: "api",
        kind: "status",
        status: code,
        body: upstreamBody,
        times: 9,
        ...(retryAfter !== undefined && { retryAfter }),
      });
    interface Case {
      readonly expected: number;
      readonly retryAfter?: string;
      readonly options?: Partial<PersonifyOptions>;
      readonly arrange?: (emulator: Emulator) => void;
    }
    const cases: Record<string, Case> = {
      "a request without a tenant": { expected: 400, options: { tenantId: () => undefined } },
      "a request with a malformed tenant": { expected: 400, options: { tenantId: () => "a\r\nb" } },
      "a tenant that is not allowed": {
        expected: 403,
        options: { tenantId: () => "mallory", allowedTenants: ["alice"] },
      },
      "a mount without a tenant": { expected: 500, options: { tenantId: undefined } },
      "a wrong secret": { expected: 502, options: { clientSecret: "wrong-secret" } },
      "an upstream 401": { expected: 502, arrange: status(401) },
      "an upstream 403": { expected: 502, arrange: status(403) },
      "an upstream 404": { expected: 502, arrange: status(404) },
      "an upstream 500": { expected: 502, arrange: status(500) },
      "an upstream 302": { expected: 502, arrange: status(302) },
      "a reset": { expected: 502, arrange: ({ faults }) => void faults.add({ on: "api", kind: "reset" }) },
      HTML: { expected: 502, arrange: ({ faults }) => void faults.add({ on: "api", kind: "html" }) },
      "an upstream 429": { expected: 503, retryAfter: "7", arrange: status(429, 7) },
      "an upstream 503": { expected: 503, retryAfter: "5", arrange: status(503) },
      "a token endpoint's 503": {
        expected: 503,
        retryAfter: "20",
        options: { timeout: { token: 5_000 } },
        arrange: ({ faults }) =>
          void faults.add({ on: "token", kind: "status", status: 503, retryAfter: 20, body: upstreamBody }),
      },
      "a slow API": {
        expected: 504,
        options: { timeout: { request: 50 } },
        arrange: ({ faults }) => void faults.add({ on: "api", kind: "stall", before: "headers" }),
      },
      "a slow token endpoint": {
        expected: 504,
        options: { timeout: { token: 30 } },
        arrange: ({ faults }) => void faults.add({ on: "token", kind: "stall" }),
      },
    };

    test.each(Object.entries(cases))("%s", async (_what, { expected, retryAfter, options, arrange }) => {
      const printed = vi.spyOn(console, "error").mockImplementation(() => {});
      onTestFinished(() => void printed.mockRestore());
      const emulator = await emulated();
      const { tenantId, clientSecret } = emulator.credentials;
      const tokens: string[] = [];
      arrange?.(emulator);
      const app = express();
      app.set("env", env);
      app.use(personify({ ...optionsFor(emulator), tenantId, ...options } as PersonifyOptions));
      app.get(
        "/",
        answering(packageName, async (req) => {
          tokens.push((await req.personify.getAccessToken()).value);
          return req.personify.get(`${whoami}?key=in-the-query`);
        }),
      );

      const answer = await fetch(await served(app), { redirect: "manual" });
      const body = await answer.text();

      // Express prints the error once it has answered.
      await vi.waitFor(() => expect(printed).toHaveBeenCalled(), { interval: 1 });
      expect(answer.status).toBe(expected);
      expect(answer.headers.get("retry-after")).toBe(retryAfter ?? null);
      const headers = JSON.stringify([...answer.headers]);
      const shown = [body, headers, ...printed.mock.calls.flat().map(String)].join("\n");
      const hidden = [clientSecret, "wrong-secret", upstreamBody, "in-the-query", "mallory", ...tokens];
      expect(hidden.filter((text) => shown.includes(text))).toEqual([]);
      if (emulator.requests({ kind: "api" }).length > 0) expect(tokens).toHaveLength(1);
      expect(body.includes("Error: ")).toBe(env === "development");
      if (env === "production") expect(body).toMatch(/<pre>[A-Z][A-Za-z ]+<\/pre>/);
    });
  });
});

describe("mounting", () => {
  const options = {
    clientId: "id",
    clientSecret: "secret",
    apiBaseUrl: "https://api.example.org",
  };

  test.each([
    ["no options", undefined, /options/],
    ["a missing option", { ...options, clientId: undefined }, /clientId/],
    ["an unknown option", { ...options, tennantId: "a" }, /tennantId does not exist/],
    ["a forbidden header", { ...options, forwardHeaders: ["Cookie"] }, /forwardHeaders: Cookie/],
    [
      "a client with options of another",
      { ...options, client: createPersonifyClient(options) },
      /belongs to the client/,
    ],
    ["what is no client", { client: {} }, /createPersonifyClient/],
  ])("with %s throws a ConfigurationError at once", (_what, wrong, message) => {
    const mount = () => personify(wrong as PersonifyOptions);

    expect(mount).toThrow(ConfigurationError);
    expect(mount).toThrow(message);
  });

  test("is typed: the request, its client, and the options", () => {
    const client = createPersonifyClient(options);
    expectTypeOf(personify).returns.toEqualTypeOf<RequestHandler>();
    expectTypeOf<Express.Request["personify"]>().toEqualTypeOf<PersonifyClient>();
    expectTypeOf<Request["personify"]["get"]>().returns.toEqualTypeOf<Promise<unknown>>();
    personify({ ...options, tenantId: false });
    personify({ ...options, tenantId: (req) => req.get("x-tenant") });
    personify({ client, tenantId: (req) => req.hostname.split(".")[0], allowedTenants: (id) => id !== "a" });

    // @ts-expect-error an option is missing
    expect(() => personify({ clientId: "id" })).toThrow(ConfigurationError);
    // @ts-expect-error it is a list
    expect(() => personify({ client, forwardHeaders: "traceparent" })).toThrow(ConfigurationError);
    // @ts-expect-error ids are strings
    expect(() => personify({ client, allowedTenants: [7] })).toThrow(ConfigurationError);
    // @ts-expect-error true is no tenant
    expect(() => personify({ client, tenantId: true })).toThrow(ConfigurationError);
    // @ts-expect-error there is no such option
    expect(() => personify({ ...options, tennant: "a" })).toThrow(ConfigurationError);
    // @ts-expect-error a tenant is found without waiting
    const asynchronous: PersonifyOptions = { client, tenantId: async () => "a" };
    expect(asynchronous.tenantId).toBeTypeOf("function");
  });
});
