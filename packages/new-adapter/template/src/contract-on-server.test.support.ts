import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type ContractApp, mountOptions, type Route } from "@personify-auth/contract/app";
import { closeServer, hostOnStdio, listenUrl } from "@personify-auth/contract/process";
import { PersonifyError } from "@personify-auth/core";
import { personify } from "./index.ts";

hostOnStdio(build);

async function build({ mounts, authenticationHeader, routes }: ContractApp) {
  const tenants = new WeakMap<IncomingMessage, string>();
  const middleware = mounts.map((mount) => ({
    path: mount.path ?? "/",
    run: personify(
      mountOptions<IncomingMessage>(mount, (request) => ({
        header: (name) => request.headers[name.toLowerCase()]?.toString(),
        hostname: request.headers.host?.replace(/:\d+$/, "") ?? "",
        authenticatedTenant: tenants.get(request),
      })),
    ),
  }));
  const server = createServer((request, response) => {
    for (const { path, run } of middleware) {
      if (request.url?.startsWith(path)) run(request, response, () => {});
    }
    const tenant = authenticationHeader && request.headers[authenticationHeader];
    if (typeof tenant === "string") tenants.set(request, tenant);
    const route = routes.find(({ path }) => path === request.url);
    handle(route, request, response).catch((error: unknown) => answerError(error, response));
  });
  server.listen(0, "127.0.0.1");
  return { url: await listenUrl(server), close: () => closeServer(server) };
}

async function handle(
  route: Route | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (route?.kind === "throw") throw route.error();
  if (route?.kind === "json") response.end(JSON.stringify(await route.answer(() => request.personify)));
  else if (route) await pipeline(Readable.from(route.chunks(() => request.personify)), response);
  else response.writeHead(404).end();
}

/** What a framework does with an error that nobody has caught. */
function answerError(error: unknown, response: ServerResponse): void {
  // biome-ignore lint/suspicious/noConsole: it is where frameworks print it
  console.error((error as Error).stack);
  const { status, headers } = error instanceof PersonifyError ? error : { status: 500, headers: {} };
  if (response.headersSent) response.destroy();
  else response.writeHead(status, headers).end();
}
