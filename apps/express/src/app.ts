import type { Page } from "@personify-auth/core";
import { type PersonifyOptions, personify } from "@personify-auth/express";
import express, { type ErrorRequestHandler, type Express } from "express";
import { directoryPage, type Exhibitor, errorPage } from "./pages.ts";

/** What the directory needs to know, besides how to reach Personify. */
export interface DirectoryOptions {
  personify: PersonifyOptions;
  /** Tenant ids by host name. A request to another host names its tenant in an X-Tenant-Id header. */
  tenantsByHost: ReadonlyMap<string, string>;
  /** Told of each error that an end user saw. */
  onError: (error: unknown) => void;
}

/** An exhibitor directory: one page per event, for the tenant that the request belongs to. */
export function createApp({ personify: options, tenantsByHost, onError }: DirectoryOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(
    personify({
      ...options,
      tenantId: (req) => tenantsByHost.get(req.hostname) ?? req.get("x-tenant-id"),
      allowedTenants: [...tenantsByHost.values()],
      forwardHeaders: ["traceparent"],
    }),
  );

  app.get("/events/:eventId", async (req, res) => {
    const { eventId } = req.params;
    const exhibitors = await req.personify.get<Page<Exhibitor>>("/api/v1/exhibitor/event/{eventId}", {
      path: { eventId },
      query: { Page: Number(req.query["page"]) || 1, ItemsPerPage: 20 },
    });
    res.format({
      html: () => res.send(directoryPage(eventId, exhibitors)),
      json: () => res.json(exhibitors),
    });
  });

  app.get("/events/:eventId/contacts/:email", async (req, res) => {
    const { eventId, email } = req.params;
    res.json(
      await req.personify.get("/api/v1/exhibitor/event/{eventId}/contactEmail/{email}", {
        path: { eventId, email },
      }),
    );
  });

  const showError: ErrorRequestHandler = (error, _req, res, next) => {
    onError(error);
    if (res.headersSent) return next(error);
    const status = typeof error?.status === "number" ? error.status : 500;
    res.status(status).set(error?.headers).send(errorPage(status));
  };
  app.use(showError);
  return app;
}
