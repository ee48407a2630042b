import { Readable } from "node:stream";
import { type ContractApp, mountOptions, type Route } from "@personify-auth/contract/app";
import { closeServer, hostOnStdio, listenUrl } from "@personify-auth/contract/process";
import type Koa from "koa";
import type { Context } from "koa";
import { personify } from "./index.ts";

const [, , dependency = "koa"] = process.argv;
// What is used of Koa here has the same types in both versions.
const { default: App }: { default: typeof Koa } = await import(dependency);
hostOnStdio((app) => build(App, app));

async function build(App: typeof Koa, described: ContractApp) {
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
    ctx.body = await route.answer(() => ctx.personify);
    return;
  }
  ctx.type = "text/plain";
  ctx.body = Readable.from(route.chunks(() => ctx.personify));
}
