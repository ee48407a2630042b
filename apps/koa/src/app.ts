import Router from "@koa/router";
import type { Page } from "@personify-auth/core";
import { personify } from "@personify-auth/koa";
import { type DirectoryOptions, directoryPage, type Exhibitor, errorPage } from "app-directory";
import Koa, { type Middleware } from "koa";

/** An exhibitor directory: one page per event, for the tenant that the request belongs to. */
export function createApp({ personify: options, tenantsByHost, onError }: DirectoryOptions): Koa {
  const app = new Koa();
  const showError: Middleware = async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      onError(error);
      const { status, headers } = error as { status?: number; headers?: Record<string, string> };
      ctx.status = status ?? 500;
      ctx.set(headers ?? {});
      ctx.body = errorPage(ctx.status);
    }
  };
  app.use(showError);
  app.use(
    personify({
      ...options,
      tenantId: (ctx) => tenantsByHost.get(ctx.hostname) ?? ctx.get("x-tenant-id"),
      allowedTenants: [...tenantsByHost.values()],
      forwardHeaders: ["traceparent"],
    }),
  );

  const router = new Router();
  router.get("/events/:eventId", async (ctx) => {
    const { eventId = "" } = ctx.params;
    const exhibitors = await ctx.personify.get<Page<Exhibitor>>("/api/v1/exhibitor/event/{eventId}", {
      path: { eventId },
      query: { Page: Number(ctx.query["page"]) || 1, ItemsPerPage: 20 },
    });
    ctx.body = ctx.accepts("html", "json") === "json" ? exhibitors : directoryPage(eventId, exhibitors);
  });

  router.get("/events/:eventId/contacts/:email", async (ctx) => {
    const { eventId = "", email = "" } = ctx.params;
    ctx.body = await ctx.personify.get("/api/v1/exhibitor/event/{eventId}/contactEmail/{email}", {
      path: { eventId, email },
    });
  });

  app.use(router.routes());
  return app;
}
