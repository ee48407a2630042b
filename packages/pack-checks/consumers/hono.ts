import { createPersonifyClient, optionsFromEnv, type PersonifyClient } from "@personify-auth/core";
import { type PersonifyEnv, type PersonifyOptions, personify } from "@personify-auth/hono";
import { expectTypeOf } from "expect-type";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";

const options: PersonifyOptions = optionsFromEnv(process.env);
const client = createPersonifyClient(optionsFromEnv(process.env));

interface Bindings {
  readonly PERSONIFY_CLIENT_ID: string;
  readonly PERSONIFY_CLIENT_SECRET: string;
  readonly PERSONIFY_API_BASE_URL: string;
}

// Inferred in a chain, with no generics.
expectTypeOf(personify(options)).toEqualTypeOf<MiddlewareHandler<PersonifyEnv>>();
new Hono().use(personify(options)).get("/exhibitors/:event", async (c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  expectTypeOf(c.get("personify")).toEqualTypeOf<PersonifyClient>();
  expectTypeOf(c.req.param("event")).toBeString();
  expectTypeOf(await c.var.personify.get("/a")).toBeUnknown();
  expectTypeOf(await c.var.personify.get<{ a: string }>("/a")).toEqualTypeOf<{ a: string }>();
  return c.text("");
});
new Hono().use("/api/*", personify(options)).get("/api/a", (c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  return c.text("");
});
new Hono().get("/exhibitors/:event", personify(options), (c) => {
  expectTypeOf(c.req.param("event")).toBeString();
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  expectTypeOf(c.get("personify")).toEqualTypeOf<PersonifyClient>();
  return c.text("");
});
new Hono().get("/", (c) => {
  // @ts-expect-error nothing has set it
  c.var.personify;
  return c.text("");
});

// Beside an app's own variables and bindings.
new Hono<{ Variables: { user: string }; Bindings: Bindings }>().use(personify(options)).get("/", (c) => {
  expectTypeOf(c.var.user).toBeString();
  expectTypeOf(c.env).toEqualTypeOf<Bindings>();
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  return c.text("");
});

// Without a chain, by the environment that the package names.
const app = new Hono<PersonifyEnv>();
app.use(personify(options));
app.get("/", (c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  return c.text("");
});
app.onError((_error, c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  return c.text("", 500);
});
createMiddleware<PersonifyEnv>(async (c, next) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  await next();
});

// Options from bindings: as they come, or typed where they are used.
new Hono().use(personify((env) => optionsFromEnv(env))).get("/", (c) => {
  expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
  return c.text("");
});
new Hono<{ Bindings: Bindings }>()
  .use(
    personify<{ Bindings: Bindings }>((env) => {
      expectTypeOf(env).toEqualTypeOf<Bindings>();
      return {
        ...optionsFromEnv({ ...env }),
        tenantId: (c) => {
          expectTypeOf(c.env).toEqualTypeOf<Bindings>();
          return c.req.header("x-tenant-id");
        },
      };
    }),
  )
  .get("/", (c) => {
    expectTypeOf(c.env).toEqualTypeOf<Bindings>();
    expectTypeOf(c.var.personify).toEqualTypeOf<PersonifyClient>();
    return c.text("");
  });
personify((env: Bindings) => ({ client: createPersonifyClient(optionsFromEnv({ ...env })) }));
// @ts-expect-error there is no such binding
personify<{ Bindings: Bindings }>((env) => ({ ...options, clientSecret: env.SECRET }));
// @ts-expect-error options are made without waiting
personify(async () => options);

// Options that are right.
personify({ client });
personify({ ...options, tenantId: false });
personify({
  client,
  tenantId(c) {
    expectTypeOf(c).not.toBeAny();
    expectTypeOf(c.req.header("x-tenant-id")).toEqualTypeOf<string | undefined>();
    return c.req.header("x-tenant-id");
  },
  allowedTenants(tenantId) {
    expectTypeOf(tenantId).toBeString();
    return tenantId !== "closed";
  },
  forwardHeaders: ["traceparent"],
});
personify<{ Variables: { tenant: string } }>({
  client,
  tenantId(c) {
    expectTypeOf(c).toEqualTypeOf<Context<{ Variables: { tenant: string } }>>();
    return c.var.tenant;
  },
});
personify({ client, tenantId: (c: Context<{ Variables: { tenant: string } }>) => c.var.tenant });
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
