import { type ContractApp, mountOptions, type Route } from "@personify-auth/contract/app";
import type { Context, Hono } from "hono";
import { type PersonifyEnv, personify } from "./index.ts";

type AppEnv = { Variables: PersonifyEnv["Variables"] & { tenant: string | undefined } };

/** The app, on the version of Hono whose class is given: what is used here has the same types in all. */
export function build(App: typeof Hono, { mounts, authenticationHeader, routes }: ContractApp): Hono<AppEnv> {
  const app = new App<AppEnv>();
  for (const mount of mounts) {
    const options = mountOptions<Context<AppEnv>>(mount, (c) => ({
      header: (name) => c.req.header(name),
      hostname: new URL(c.req.url).hostname,
      authenticatedTenant: c.get("tenant"),
    }));
    app.use(`${mount.path ?? ""}/*`, personify<AppEnv>(options));
  }
  app.use(async (c, next) => {
    if (authenticationHeader !== undefined) c.set("tenant", c.req.header(authenticationHeader));
    await next();
  });
  for (const route of routes) app.get(route.path, (c) => answer(route, c));
  return app;
}

function answer(route: Route, c: Context<AppEnv>): Response | Promise<Response> {
  const client = () => c.var.personify;
  if (route.kind === "throw") throw route.error();
  if (route.kind === "json") return route.answer(client).then((body) => c.json(body as object));
  const encoder = new TextEncoder();
  const chunks = route.chunks(client);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
  return c.body(body as never);
}
