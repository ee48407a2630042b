import { Hono } from "hono";
import { personify } from "./index.ts";

interface Bindings {
  readonly CLIENT_ID: string;
  readonly CLIENT_SECRET: string;
  readonly API_BASE_URL: string;
  readonly TOKEN_URL: string;
}

let asked = 0;

/** A worker whose secrets are bindings. */
export default new Hono()
  .use(
    personify<{ Bindings: Bindings }>((env) => {
      asked += 1;
      return {
        clientId: env.CLIENT_ID,
        clientSecret: env.CLIENT_SECRET,
        apiBaseUrl: env.API_BASE_URL,
        tokenUrl: env.TOKEN_URL,
        allowInsecureHttp: "loopback",
        tenantId: (c) => c.req.header("x-tenant-id"),
      };
    }),
  )
  .get("/whoami", async (c) => c.json(await c.var.personify.get<object>("/api/v1/whoami")))
  .get("/asked", (c) => c.json(asked));
