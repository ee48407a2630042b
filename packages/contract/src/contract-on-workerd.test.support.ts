import {
  bindRequest,
  type ExecutionContext,
  isPersonifyError,
  type PersonifyClient,
  resolveMiddlewareOptions,
} from "@personify-auth/core";
import type { ContractApp, Route } from "./app/contract-app.ts";
import { hostInWorker, type Worker } from "./app/host-in-worker.ts";
import { mountOptions } from "./app/mount-options.ts";

interface Incoming {
  readonly request: Request;
  tenant?: string | undefined;
}

/** A worker on core alone. */
function build({ mounts, authenticationHeader, routes }: ContractApp): Worker {
  const resolved = mounts.map((mount) => {
    const options = mountOptions<Incoming>(mount, ({ request, tenant }) => ({
      header: (name) => request.headers.get(name) ?? undefined,
      hostname: new URL(request.url).hostname,
      authenticatedTenant: tenant,
    }));
    return { path: mount.path ?? "/", ...resolveMiddlewareOptions(options) };
  });
  return {
    async fetch(request, _env, context) {
      const { pathname } = new URL(request.url);
      const raw: Incoming = { request };
      const mount = resolved.findLast(({ path }) => pathname.startsWith(path));
      const route = routes.find(({ path }) => path === pathname);
      if (mount === undefined || route === undefined) return new Response(null, { status: 404 });
      const client = bindRequest(mount.client, mount.binding, {
        raw,
        header: (name) => request.headers.get(name) ?? undefined,
        executionCtx: () => context as ExecutionContext,
      });
      if (authenticationHeader !== undefined) {
        raw.tenant = request.headers.get(authenticationHeader) ?? undefined;
      }
      try {
        return await answer(route, () => client);
      } catch (error) {
        return isPersonifyError(error) ? error.getResponse() : new Response(null, { status: 500 });
      }
    },
  };
}

async function answer(route: Route, client: () => PersonifyClient): Promise<Response> {
  if (route.kind === "throw") throw route.error();
  if (route.kind === "json") return Response.json(await route.answer(client));
  return new Response(ReadableStream.from(route.chunks(client)).pipeThrough(new TextEncoderStream()));
}

export default hostInWorker(build);
