import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { createApp as createExpressApp } from "app-express";
import { createApp as createHonoApp } from "app-hono-node";
import { createApp as createKoaApp } from "app-koa";
import type { Listen } from "./stage.ts";

/** The example apps by the name of their framework. */
export const apps: ReadonlyMap<string, Listen> = new Map<string, Listen>([
  ["express", (options) => createExpressApp(options).listen(0, "127.0.0.1")],
  ["koa", (options) => createKoaApp(options).listen(0, "127.0.0.1")],
  [
    "hono",
    (options) => serve({ fetch: createHonoApp(options).fetch, port: 0, hostname: "127.0.0.1" }) as Server,
  ],
]);
