import { Hono, type MiddlewareHandler } from "hono";

export function requestsToHono(...middleware: MiddlewareHandler[]): () => Promise<Response> {
  const app = new Hono();
  for (const each of middleware) app.use(each);
  app.get("/", (c) => c.text("ok"));
  const request = new Request("http://localhost/");
  return async () => app.fetch(request);
}
