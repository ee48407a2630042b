import { serve } from "@hono/node-server";
import { optionsFromEnv } from "@personify-auth/core";
import { readTenantsByHost } from "app-directory";
import { createApp } from "./app.ts";

// TENANTS_BY_HOST={"fair.example.org":"tenant-1"}, PORT and the PERSONIFY_ variables of optionsFromEnv.
const { tenantId: _, ...options } = optionsFromEnv(process.env);
const app = createApp({
  personify: options,
  tenantsByHost: readTenantsByHost(process.env["TENANTS_BY_HOST"]),
  onError: (error) => console.error(error),
});
const port = Number(process.env["PORT"] ?? 3000);
const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }, () => {
  console.log("Listening on", server.address());
});
