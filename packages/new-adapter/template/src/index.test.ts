import type { IncomingMessage } from "node:http";
import { ConfigurationError, createPersonifyClient, type PersonifyClient } from "@personify-auth/core";
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

test("is typed: the request, its client, and the options", () => {
  const client = createPersonifyClient(options);
  expectTypeOf<IncomingMessage["personify"]>().toEqualTypeOf<PersonifyClient>();
  personify({ ...options, tenantId: false });
  personify({ client, tenantId: (request) => request.headers.host, allowedTenants: (id) => id !== "a" });

  // @ts-expect-error an option is missing
  expect(() => personify({ clientId: "id" })).toThrow(ConfigurationError);
  // @ts-expect-error there is no such option
  expect(() => personify({ ...options, tennant: "a" })).toThrow(ConfigurationError);
});
