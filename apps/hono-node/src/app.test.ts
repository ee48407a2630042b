import type { Server } from "node:http";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { runningOn } from "app-directory";
import { describeDirectory, describeServer } from "app-directory/suite";
import { createApp } from "./app.ts";

describeDirectory((options) =>
  runningOn(serve({ fetch: createApp(options).fetch, port: 0, hostname: "127.0.0.1" }) as Server),
);

describeServer(join(import.meta.dirname, "server.ts"));
