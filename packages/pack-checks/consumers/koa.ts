import { createPersonifyClient, optionsFromEnv, type PersonifyClient } from "@personify-auth/core";
import { type PersonifyOptions, personify } from "@personify-auth/koa";
import { expectTypeOf } from "expect-type";
import Koa from "koa";

const options: PersonifyOptions = optionsFromEnv(process.env);
const client = createPersonifyClient(optionsFromEnv(process.env));

// Koa's own index signature makes what nobody declared `any`, so each of these tells the two apart.
expectTypeOf(personify(options)).toEqualTypeOf<Koa.Middleware>();
const app = new Koa();
app.use(personify(options)).use(async (ctx, next) => {
  expectTypeOf(ctx.personify).toEqualTypeOf<PersonifyClient>();
  expectTypeOf(await ctx.personify.get("/a")).toBeUnknown();
  expectTypeOf(await ctx.personify.get<{ a: string }>("/a")).toEqualTypeOf<{ a: string }>();
  await next();
});

interface State {
  readonly user: string;
}
const appWithState = new Koa<State>();
appWithState.use(personify(options));
appWithState.use(async (ctx) => {
  expectTypeOf(ctx.state.user).toBeString();
  expectTypeOf(ctx.personify).toEqualTypeOf<PersonifyClient>();
});
const appWithContext = new Koa<State, { readonly requestId: string }>();
appWithContext.use(personify(options));
appWithContext.use(async (ctx) => {
  expectTypeOf(ctx.requestId).toBeString();
  expectTypeOf(ctx.personify).toEqualTypeOf<PersonifyClient>();
});

// A context in a function of the app's own.
expectTypeOf<Koa.Context["personify"]>().toEqualTypeOf<PersonifyClient>();
expectTypeOf<Koa.ParameterizedContext<State>["personify"]>().toEqualTypeOf<PersonifyClient>();
expectTypeOf<Parameters<Koa.Middleware<State>>[0]["personify"]>().toEqualTypeOf<PersonifyClient>();

// Options that are right.
personify({ client });
personify({ ...options, tenantId: false });
personify({
  client,
  tenantId(ctx) {
    expectTypeOf(ctx).toEqualTypeOf<Koa.Context>();
    return ctx.get("x-tenant-id");
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
