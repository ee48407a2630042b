import { ConfigurationError, createPersonifyClient, type PersonifyClient } from "@personify-auth/core";
import express, { type Request, type RequestHandler } from "express";
import { describe, expect, expectTypeOf, test } from "vitest";
import { type PersonifyOptions, personify } from "./index.ts";

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
    expectTypeOf(personify).returns.not.toBeAny();
    expectTypeOf(personify).returns.toExtend<RequestHandler>();
    express().get("/:event", personify(options), (req) => {
      expectTypeOf(req.params.event).toBeString();
      expectTypeOf(req.personify).toEqualTypeOf<PersonifyClient>();
    });
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
