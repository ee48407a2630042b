import { serve } from "@hono/node-server";
import { closeServer, listenUrl } from "@personify-auth/contract/process";
import { ConfigurationError, createPersonifyClient, type PersonifyClient } from "@personify-auth/core";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from "vitest";
import { type PersonifyEnv, type PersonifyOptions, personify } from "./index.ts";

const options = { clientId: "id", clientSecret: "secret", apiBaseUrl: "https://api.example.org" };

interface Bindings {
  readonly SECRET: string;
}

describe("mounting", () => {
  test.each([
    ["no options", undefined, /options/],
    ["a missing option", { ...options, clientId: undefined }, /clientId/],
    ["an unknown option", { ...options, tennantId: "a" }, /tennantId does not exist/],
    ["a forbidden header", { ...options, forwardHeaders: ["Cookie"] }, /forwardHeaders: Cookie/],
    ["what is no client", { client: {} }, /createPersonifyClient/],
  ])("with %s throws a ConfigurationError at once", (_what, wrong, message) => {
    const mount = () => personify(wrong as unknown as PersonifyOptions);

    expect(mount).toThrow(ConfigurationError);
    expect(mount).toThrow(message);
  });
});

describe("a function of the bindings", () => {
  test("is called once for all requests on Node, whose server makes new bindings for each", async () => {
    const settings = vi.fn((_env: unknown) => options);
    const clients = new Set<unknown>();
    const environments = new Set<unknown>();
    const app = new Hono().use(personify(settings)).get("/", (c) => {
      environments.add(c.env);
      clients.add(c.var.personify);
      return c.text("served");
    });
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0, overrideGlobalObjects: false });
    onTestFinished(() => closeServer(server));
    const url = await listenUrl(server);
    expect(settings).not.toHaveBeenCalled();

    for (const _request of [1, 2, 3]) expect(await (await fetch(url)).text()).toBe("served");

    expect(settings).toHaveBeenCalledOnce();
    expect(environments.size).toBe(3);
    expect(clients.size).toBe(3);
  });

  test("gets the bindings", async () => {
    const settings = vi.fn((env: Bindings) => ({ ...options, clientSecret: env.SECRET }));
    const app = new Hono<{ Bindings: Bindings }>()
      .use(personify<{ Bindings: Bindings }>(settings))
      .get("/", (c) => c.text("served"));

    await app.request("/", {}, { SECRET: "from-the-bindings" });

    expect(settings).toHaveBeenCalledExactlyOnceWith({ SECRET: "from-the-bindings" });
  });

  test("that is async fails the request with the reason, and ends no process", async () => {
    const settings = () => Promise.reject(new Error("the vault is down"));
    const app = new Hono().use(personify(settings as never)).get("/", (c) => c.text("served"));
    const errors: unknown[] = [];
    app.onError((error, c) => {
      errors.push(error);
      return c.text("", 500);
    });

    expect((await app.request("/")).status).toBe(500);
    expect(errors).toMatchObject([{ message: expect.stringContaining("await it first") }]);
    // An unhandled rejection would be reported in a later turn, and fail this run.
    await new Promise((resolve) => setImmediate(resolve));
  });

  test("that gives bad options fails the request, and is asked again by the next", async () => {
    const settings = vi.fn(() => options).mockReturnValueOnce({ ...options, clientId: "" });
    const app = new Hono().use(personify(settings)).get("/", (c) => c.text("served"));

    expect((await app.request("/")).status).toBe(500);
    expect((await app.request("/")).status).toBe(200);
    expect(settings).toHaveBeenCalledTimes(2);
  });
});

test("an error reaches onError as it is", async () => {
  const app = new Hono()
    .use(personify(options))
    .get("/", async (c) => c.json(await c.var.personify.get<{ a: string }>("/a")));
  app.onError((error, c) => c.json({ code: (error as ConfigurationError).code }, 418));

  const answer = await app.request("/");

  expect(answer.status).toBe(418);
  expect(await answer.json()).toEqual({ code: "missing_tenant" });
});

test("is typed: the client is inferred where middleware is chained, and the options follow the app", () => {
  const client = createPersonifyClient(options);
  expectTypeOf(personify(options)).toEqualTypeOf<MiddlewareHandler<PersonifyEnv>>();
  new Hono().use(personify(options)).get("/", (c) => {
    expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
    expectTypeOf(c.get("personify")).toEqualTypeOf<PersonifyClient>();
    return c.text("");
  });
  new Hono().get("/", personify(options), (c) => {
    expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
    return c.text("");
  });
  new Hono<{ Variables: { user: string } }>().use(personify(options)).get("/", (c) => {
    expectTypeOf(c.var.user).toEqualTypeOf<string>();
    expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
    return c.text("");
  });
  new Hono().get("/", (c) => {
    // @ts-expect-error nothing has set it
    c.var.personify satisfies PersonifyClient;
    return c.text("");
  });
  personify({ ...options, tenantId: false });
  personify({ ...options, tenantId: (c) => c.req.header("x-tenant") });
  personify<{ Bindings: Bindings }>((env) => ({ ...options, clientSecret: env.SECRET }));
  personify<{ Variables: { tenant: string } }>({
    client,
    tenantId(c) {
      expectTypeOf(c).toEqualTypeOf<Context<{ Variables: { tenant: string } }>>();
      return c.var.tenant;
    },
  });

  // @ts-expect-error an option is missing
  expect(() => personify({ clientId: "id" })).toThrow(ConfigurationError);
  // @ts-expect-error it is a list
  expect(() => personify({ client, forwardHeaders: "traceparent" })).toThrow(ConfigurationError);
  // @ts-expect-error true is no tenant
  expect(() => personify({ client, tenantId: true })).toThrow(ConfigurationError);
  // @ts-expect-error there is no such option
  expect(() => personify({ ...options, tennant: "a" })).toThrow(ConfigurationError);
  // @ts-expect-error a tenant is found without waiting
  const asynchronous: PersonifyOptions = { client, tenantId: async () => "a" };
  expect(asynchronous).toHaveProperty("tenantId");
});
