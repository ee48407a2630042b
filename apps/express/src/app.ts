import type { Page } from "@personify-auth/core";
import { personify } from "@personify-auth/express";
import { type DirectoryOptions, directoryPage, type Exhibitor, errorPage } from "app-directory";
import express, { type ErrorRequestHandler, type Express } from "express";

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
