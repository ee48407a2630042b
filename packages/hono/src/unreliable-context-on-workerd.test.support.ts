import { type ExecutionContext, Hono } from "hono";
import { personify } from "./index.ts";

interface Bindings {
  readonly UPSTREAM: string;
  /** ms */
  readonly TOKEN_TIMEOUT: string;
  readonly CONTEXT: keyof typeof contexts;
}

type WorkerContext = ExecutionContext & { readonly props: unknown };

/** What Hono gets for an execution context: workerd's own, none at all, or one that keeps nothing alive. */
const contexts = {
  real: (context: WorkerContext) => context,
  none: () => undefined,
  idle: () => ({ waitUntil() {}, passThroughOnException() {}, props: {} }),
};

let asked = 0;
let hungUp = 0;
const app = new Hono<{ Bindings: Bindings }>()
  .get("/seen", (c) => c.json({ asked, hungUp }))
  .use(
    personify<{ Bindings: Bindings }>((env) => ({
      clientId: "client",
      clientSecret: "secret",
      tenantId: false,
      allowInsecureHttp: "loopback",
      apiBaseUrl: env.UPSTREAM,
      tokenUrl: `${env.UPSTREAM}/connect/token`,
      timeout: { token: Number(env.TOKEN_TIMEOUT) },
    })),
  )
  .get("/", async (c) => {
    c.req.raw.signal.addEventListener("abort", () => {
      hungUp += 1;
    });
    const answer = c.var.personify.get<object>("/api/v1/whoami");
    asked += 1;
    return c.json(await answer);
  });

export default {
  fetch: (request: Request, env: Bindings, context: WorkerContext) =>
    app.fetch(request, env, contexts[env.CONTEXT](context)),
};
