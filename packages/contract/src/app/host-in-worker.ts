import { createAppHost, type HostRequest } from "./app-host.ts";
import type { ContractApp } from "./contract-app.ts";

/** Where the suite sends its requests. */
export const controlPath = "/__contract";

/** What a module worker exports. */
export interface Worker {
  fetch(request: Request, env: unknown, context: unknown): Response | Promise<Response>;
}

/** A worker that runs an app for the suite, one at a time. */
export function hostInWorker(build: (app: ContractApp) => Worker): Worker {
  let current: Worker = { fetch: () => new Response("no app", { status: 503 }) };
  let origin = "";
  const host = createAppHost(async (app) => {
    current = build(app);
    return { url: origin, close: async () => {} };
  });
  return {
    async fetch(request, env, context) {
      const url = new URL(request.url);
      if (url.pathname !== controlPath) return current.fetch(request, env, context);
      ({ origin } = url);
      return Response.json(await host((await request.json()) as HostRequest));
    },
  };
}
