import { serve } from "@hono/node-server";
import {
  type ContractApp,
  closeServer,
  describeAdapterContract,
  listenUrl,
  mountOptions,
  type Route,
} from "@personify-auth/contract";
import type { Context, Hono } from "hono";
import { type PersonifyEnv, personify } from "./index.ts";

type AppEnv = { Variables: PersonifyEnv["Variables"] & { tenant: string | undefined } };

// Hono knows no environments, and answers with an error's own response without printing it.
const capabilities = {
  seesAsyncThrows: true,
  environments: ["production"],
  showsErrorsIn: [],
  printsErrors: false,
} as const;

describeAdapterContract("Hono 4", { start: async (app) => start(await load("hono"), app), capabilities });
describeAdapterContract("Hono 4, the oldest", {
  start: async (app) => start(await load("hono-oldest"), app),
  capabilities,
});

/** What the tests use of Hono has the same types in both versions. */
async function load(packageName: string): Promise<typeof Hono> {
  const module: { Hono: typeof Hono } = await import(packageName);
  return module.Hono;
}

async function start(App: typeof Hono, { mounts, authenticationHeader, routes }: ContractApp) {
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
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0, overrideGlobalObjects: false });
  return { url: await listenUrl(server), close: () => closeServer(server) };
}

function answer(route: Route, c: Context<AppEnv>): Response | Promise<Response> {
  const { personify: client } = c.var;
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
