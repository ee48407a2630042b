import { createPersonifyClient, optionsFromEnv, type PersonifyClient } from "@personify-auth/core";
import { type PersonifyOptions, personify } from "@personify-auth/express";
import { expectTypeOf } from "expect-type";
import express, { type ErrorRequestHandler, type Request, type RequestHandler, Router } from "express";

const options: PersonifyOptions = optionsFromEnv(process.env);
const client = createPersonifyClient(optionsFromEnv(process.env));

// In the order of an app: middleware, routes, a router, the handler of errors.
expectTypeOf(personify(options)).not.toBeAny();
expectTypeOf(personify(options)).toExtend<RequestHandler>();
const app = express();
app.use(personify(options));
app.use((req, _res, next) => {
  expectTypeOf(req.personify).toEqualTypeOf<PersonifyClient>();
  next();
});
app.get("/exhibitors/:event", personify(options), async (req, res) => {
  expectTypeOf(req.personify).toEqualTypeOf<PersonifyClient>();
  expectTypeOf(req.params.event).toBeString();
  expectTypeOf(await req.personify.get("/a")).toBeUnknown();
  expectTypeOf(await req.personify.get<{ a: string }>("/a")).toEqualTypeOf<{ a: string }>();
  res.json({});
});
const router = Router();
router.use("/events", personify(options));
router.get("/events", (req) => {
  expectTypeOf(req.personify).toEqualTypeOf<PersonifyClient>();
});
app.use(router);
app.use(((_error: unknown, req, _res, next) => {
  expectTypeOf(req.personify).toEqualTypeOf<PersonifyClient>();
  next();
}) satisfies ErrorRequestHandler);

// A request in a function of the app's own, with types of its own for its parameters, answer and body.
expectTypeOf<Request["personify"]>().toEqualTypeOf<PersonifyClient>();
expectTypeOf<Request<{ id: string }, string, number>["personify"]>().toEqualTypeOf<PersonifyClient>();
// @ts-expect-error the request has no other property of a similar name
app.get("/", (req) => req.personfy);

// Options that are right.
personify({ client });
personify({ ...options, tenantId: false });
personify({
  client,
  tenantId(req) {
    expectTypeOf(req).toEqualTypeOf<Request>();
    return req.get("x-tenant-id");
  },
  allowedTenants(tenantId) {
    expectTypeOf(tenantId).toBeString();
    return tenantId !== "closed";
  },
  forwardHeaders: ["traceparent"],
});
const isShared = process.argv.includes("--shared");
personify({
  ...(isShared ? { client } : optionsFromEnv(process.env)),
  tenantId: isShared ? "shared" : undefined,
  allowedTenants: undefined,
  ...(isShared ? { forwardHeaders: ["traceparent"] } : {}),
});

// Options that are wrong.
// @ts-expect-error there is no such option
personify({ ...options, alowedTenants: ["a"] });
// @ts-expect-error nor beside a client
personify({ client, alowedTenants: ["a"] });
// @ts-expect-error the secret is missing
personify({ clientId: "id", apiBaseUrl: "https://api.example.org" });
// @ts-expect-error true is no tenant
personify({ ...options, tenantId: true });
// @ts-expect-error a tenant is found without waiting
personify({ ...options, tenantId: async () => "a" });
// @ts-expect-error tenants are strings
personify({ ...options, allowedTenants: [7] });
// @ts-expect-error headers are a list
personify({ ...options, forwardHeaders: "traceparent" });
// @ts-expect-error that is no client
personify({ client: {} });
