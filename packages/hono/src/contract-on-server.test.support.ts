import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import type { StartedApp } from "@personify-auth/contract/app";
import { closeServer, hostOnStdio, listenUrl } from "@personify-auth/contract/process";
import type { Hono } from "hono";
import { build } from "./contract-app.test.support.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** What Bun and Deno have for a server of their own. */
interface Runtime {
  readonly Bun?: {
    serve(options: { fetch: Fetch; hostname: string; port: number }): {
      readonly port: number;
      stop(closeConnections: boolean): Promise<void>;
    };
  };
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; onListen(): void },
      fetch: Fetch,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void> };
  };
}

const [, , dependency = "hono"] = process.argv;
const { Hono: App }: { Hono: typeof Hono } = await import(dependency);
hostOnStdio((app) => listen(build(App, app).fetch));

/** Serves with the runtime's own server. */
async function listen(fetch: Fetch): Promise<StartedApp> {
  const { Bun, Deno } = globalThis as Runtime;
  const address = { hostname: "127.0.0.1", port: 0 };
  if (Bun !== undefined) {
    const server = Bun.serve({ ...address, fetch });
    return { url: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
  }
  if (Deno !== undefined) {
    const server = Deno.serve({ ...address, onListen() {} }, fetch);
    return { url: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
  }
  const server = serve({ ...address, fetch, overrideGlobalObjects: false }) as Server;
  return { url: await listenUrl(server), close: () => closeServer(server) };
}
