import type { IncomingMessage, ServerResponse } from "node:http";
import express, { type Express, type RequestHandler } from "express";
import { inProcess } from "./in-process.ts";

export function createExpressApp(...middleware: RequestHandler[]): Express {
  const app = express();
  for (const handler of middleware) app.use(handler);
  app.get("/", (_req, res) => void res.end("ok"));
  return app;
}

export function requestsTo(app: Express): () => Promise<void> {
  return inProcess(app as unknown as (request: IncomingMessage, response: ServerResponse) => void);
}
