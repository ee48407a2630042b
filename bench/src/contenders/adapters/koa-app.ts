import Koa, { type Middleware } from "koa";
import { inProcess } from "./in-process.ts";

export function requestsToKoa(...middleware: Middleware[]): () => Promise<void> {
  const app = new Koa();
  for (const each of middleware) app.use(each);
  app.use((ctx) => {
    ctx.body = "ok";
  });
  return inProcess(app.callback());
}
