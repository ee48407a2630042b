import type { ExecutionContext } from "hono";

let shared: Promise<unknown> | undefined;
let asked = 0;
let hungUp = 0;

/** A worker that shares one promise among its requests, as a token request would be. */
export default {
  async fetch(
    request: Request,
    env: { readonly UPSTREAM: string; readonly WAIT_UNTIL: "yes" | "no" },
    context: ExecutionContext,
  ): Promise<Response> {
    if (new URL(request.url).pathname === "/seen") return Response.json({ asked, hungUp });
    request.signal.addEventListener("abort", () => {
      hungUp += 1;
    });
    if (shared === undefined) {
      shared = fetch(`${env.UPSTREAM}/connect/token`, { method: "POST" }).then((answer) => answer.json());
      if (env.WAIT_UNTIL === "yes") context.waitUntil(shared);
    }
    asked += 1;
    const { access_token } = (await shared) as { readonly access_token: string };
    return Response.json({ authorization: `Bearer ${access_token}` });
  },
};
