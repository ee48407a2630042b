import {
  ConfigurationError,
  createPersonifyClient,
  type PersonifyClient,
  PersonifyError,
} from "@personify-auth/core";
import type { Context, Middleware, ParameterizedContext } from "koa";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type PersonifyOptions, personify } from "./index.ts";

const options = { clientId: "id", clientSecret: "secret", apiBaseUrl: "https://api.example.org" };

describe("mounting", () => {
  test.each([
    ["no options", undefined, /options/],
    ["a missing option", { ...options, clientId: undefined }, /clientId/],
    ["an unknown option", { ...options, tennantId: "a" }, /tennantId does not exist/],
    ["a forbidden header", { ...options, forwardHeaders: ["Cookie"] }, /forwardHeaders: Cookie/],
    ["what is no client", { client: {} }, /createPersonifyClient/],
  ])("with %s throws a ConfigurationError at once", (_what, wrong, message) => {
    const mount = () => personify(wrong as PersonifyOptions);

    expect(mount).toThrow(ConfigurationError);
    expect(mount).toThrow(message);
  });
});

test("the client is on the context before the next middleware runs, which the adapter waits for", async () => {
  const context = { get: () => "" } as unknown as Parameters<Middleware>[0];
  const steps: string[] = [];

  await personify(options)(context, async () => {
    steps.push(typeof context.personify.get);
    await Promise.resolve();
    steps.push("done");
  });

  expect(steps).toEqual(["function", "done"]);
});

test("an error's status can be assigned, as Koa does", () => {
  const error = new PersonifyError("throttled", { code: "api_error", status: 503 });

  error.status = 500;

  expect(error.status).toBe(500);
});

test("is typed: the context, its client, and the options", () => {
  const client = createPersonifyClient(options);
  expectTypeOf(personify).returns.toEqualTypeOf<Middleware>();
  expectTypeOf<Context["personify"]>().toEqualTypeOf<PersonifyClient>();
  expectTypeOf<ParameterizedContext<{ user: string }>["personify"]>().toEqualTypeOf<PersonifyClient>();
  expectTypeOf<Context["personify"]["get"]>().returns.toEqualTypeOf<Promise<unknown>>();
  personify({ ...options, tenantId: false });
  personify({ ...options, tenantId: (ctx) => ctx.get("x-tenant") });
  personify({ client, tenantId: (ctx) => ctx.hostname.split(".")[0], allowedTenants: (id) => id !== "a" });

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
  expect(asynchronous.tenantId).toBeTypeOf("function");
});
