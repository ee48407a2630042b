import { Readable } from "node:stream";
import {
  type ContractApp,
  closeServer,
  describeAdapterContract,
  listenUrl,
  mountOptions,
  type Route,
} from "@personify-auth/contract";
import type Koa from "koa";
import type { Context } from "koa";
import { personify } from "./index.ts";

const capabilities = {
  seesAsyncThrows: true,
  environments: ["development", "production"],
  showsErrorsIn: [],
  printsErrors: true,
} as const;

describeAdapterContract("Koa 3", { start: async (app) => start(await load("koa"), app), capabilities });
describeAdapterContract("Koa 2", { start: async (app) => start(await load("koa2"), app), capabilities });

/** What the tests use of Koa has the same types in both versions. */
async function load(packageName: string): Promise<typeof Koa> {
  const module: { default: typeof Koa } = await import(packageName);
  return module.default;
}

async function start(App: typeof Koa, described: ContractApp) {
  const { environment, mounts, authenticationHeader, routes } = described;
  const app = new App({ env: environment });
  for (const mount of mounts) {
    const { path = "/" } = mount;
    const middleware = personify(
      mountOptions<Context>(mount, (ctx) => ({
        header: (name) => ctx.get(name),
        hostname: ctx.hostname,
        authenticatedTenant: ctx.state["tenant"],
      })),
    );
    app.use((ctx, next) => (ctx.path.startsWith(path) ? middleware(ctx, next) : next()));
  }
  app.use((ctx, next) => {
    if (authenticationHeader !== undefined) ctx.state["tenant"] = ctx.get(authenticationHeader);
    return next();
  });
  app.use((ctx) => {
    const route = routes.find(({ path }) => path === ctx.path);
    return route && handle(route, ctx);
  });
  const server = app.listen(0, "127.0.0.1");
  return { url: await listenUrl(server), close: () => closeServer(server) };
}

function handle(route: Route, ctx: Context): Promise<void> {
  if (route.kind === "throw") throw route.error();
  return respond(route, ctx);
}

async function respond(route: Exclude<Route, { kind: "throw" }>, ctx: Context): Promise<void> {
  if (route.kind === "json") {
    ctx.body = await route.answer(ctx.personify);
    return;
  }
  ctx.type = "text/plain";
  ctx.body = Readable.from(route.chunks(ctx.personify));
}
