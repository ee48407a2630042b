import { durableObjectTokenStore, type TokenStoreNamespace } from "@personify-auth/cloudflare";
import { optionsFromEnv, type Page } from "@personify-auth/core";
import { type PersonifyEnv, personify } from "@personify-auth/hono";
import { directoryPage, type Exhibitor, errorPage, readTenantsByHost } from "app-directory";
import { Hono } from "hono";
import { accepts } from "hono/accepts";
import type { ContentfulStatusCode } from "hono/utils/http-status";

// wrangler looks for the class of the Durable Object here.
export { PersonifyTokenStore } from "@personify-auth/cloudflare";

/** Besides, the PERSONIFY_ variables of optionsFromEnv. */
interface Bindings {
  /** {"fair.example.org":"tenant-1"} */
  readonly TENANTS_BY_HOST: string;
  readonly PERSONIFY_TOKENS: TokenStoreNamespace;
}

type AppEnv = PersonifyEnv & { Bindings: Bindings };

/** An exhibitor directory: one page per event, for the tenant that the request belongs to. */
const app = new Hono<AppEnv>();
app.use(
  personify<AppEnv>(({ TENANTS_BY_HOST, PERSONIFY_TOKENS, ...variables }) => {
    const { tenantId: _, ...options } = optionsFromEnv(variables);
    const tenantsByHost = readTenantsByHost(TENANTS_BY_HOST);
    return {
      ...options,
      tokenStore: durableObjectTokenStore(PERSONIFY_TOKENS),
      tenantId: (c) => tenantsByHost.get(new URL(c.req.url).hostname) ?? c.req.header("x-tenant-id"),
      allowedTenants: [...tenantsByHost.values()],
      forwardHeaders: ["traceparent"],
    };
  }),
);

app.get("/events/:eventId", async (c) => {
  const eventId = c.req.param("eventId");
  const exhibitors = await c.var.personify.get<Page<Exhibitor>>("/api/v1/exhibitor/event/{eventId}", {
    path: { eventId },
    query: { Page: Number(c.req.query("page")) || 1, ItemsPerPage: 20 },
  });
  const supports = ["text/html", "application/json"];
  const type = accepts(c, { header: "Accept", supports, default: "text/html" });
  return type === "application/json" ? c.json(exhibitors) : c.html(directoryPage(eventId, exhibitors));
});

app.get("/events/:eventId/contacts/:email", async (c) => {
  const { eventId, email } = c.req.param();
  return c.json(
    await c.var.personify.get<Exhibitor>("/api/v1/exhibitor/event/{eventId}/contactEmail/{email}", {
      path: { eventId, email },
    }),
  );
});

app.onError((error, c) => {
  console.error(error);
  const { status, headers } = error as { status?: ContentfulStatusCode; headers?: Record<string, string> };
  for (const [name, value] of Object.entries(headers ?? {})) c.header(name, value);
  return c.html(errorPage(status ?? 500), status ?? 500);
});

export default app;
