import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { runningOn, type StartDirectory } from "app-directory";
import { createApp as createExpressApp } from "app-express";
import { createApp as createHonoApp } from "app-hono-node";
import { createApp as createKoaApp } from "app-koa";

/** The example apps by the name of their framework. */
export const apps: ReadonlyMap<string, StartDirectory> = new Map<string, StartDirectory>([
  ["express", (options) => runningOn(createExpressApp(options).listen(0, "127.0.0.1"))],
  ["koa", (options) => runningOn(createKoaApp(options).listen(0, "127.0.0.1"))],
  [
    "hono",
    (options) =>
      runningOn(serve({ fetch: createHonoApp(options).fetch, port: 0, hostname: "127.0.0.1" }) as Server),
  ],
  // Loaded when it is asked for: its bundler takes a while.
  ["edge", async (options) => (await import("app-hono-edge")).startOnWorkerd(options)],
]);
