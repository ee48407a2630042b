import { createServer, type IncomingMessage } from "node:http";
import { createPersonifyClient, optionsFromEnv, type PersonifyClient } from "@personify-auth/core";
import { type PersonifyOptions, personify } from "@personify-auth/NAME";
import { expectTypeOf } from "expect-type";

const options: PersonifyOptions = optionsFromEnv(process.env);
const client = createPersonifyClient(optionsFromEnv(process.env));

expectTypeOf(personify(options)).not.toBeAny();
const middleware = personify(options);
createServer((request, response) => {
  middleware(request, response, async () => {
    expectTypeOf(request.personify).toEqualTypeOf<PersonifyClient>();
    expectTypeOf(await request.personify.get("/a")).toBeUnknown();
    expectTypeOf(await request.personify.get<{ a: string }>("/a")).toEqualTypeOf<{ a: string }>();
  });
});

// Options that are right.
personify({ client });
personify({ ...options, tenantId: false });
personify({
  client,
  tenantId(request) {
    expectTypeOf(request).toEqualTypeOf<IncomingMessage>();
    return request.headers.host;
  },
  allowedTenants(tenantId) {
    expectTypeOf(tenantId).toBeString();
    return tenantId !== "closed";
  },
  forwardHeaders: ["traceparent"],
});

// Options that are wrong.
// @ts-expect-error there is no such option
personify({ ...options, alowedTenants: ["a"] });
// @ts-expect-error nor beside a client
personify({ client, alowedTenants: ["a"] });
// @ts-expect-error the secret is missing
personify({ clientId: "id", apiBaseUrl: "https://api.example.org" });
// @ts-expect-error a tenant is found without waiting
personify({ ...options, tenantId: async () => "a" });
// @ts-expect-error that is no client
personify({ client: {} });
