import { createPersonifyClient, type PersonifyEvent } from "@personify-auth/core";
import { durableObjectTokenStore, type TokenStoreNamespace } from "./index.ts";

interface Env {
  readonly TOKENS: TokenStoreNamespace;
  readonly UPSTREAM: string;
}

/** A client for each request, as if each had an isolate of its own. */
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const events: PersonifyEvent[] = [];
    const { clientId, clientSecret, tenantId } = (await request.json()) as Record<string, string>;
    const client = createPersonifyClient({
      clientId: clientId ?? "",
      clientSecret: clientSecret ?? "",
      tenantId: tenantId ?? "",
      apiBaseUrl: env.UPSTREAM,
      tokenUrl: `${env.UPSTREAM}/connect/token`,
      allowInsecureHttp: "loopback",
      timeout: { token: 60_000, request: 60_000 },
      tokenStore: durableObjectTokenStore(env.TOKENS),
      onEvent: (event) => void events.push(event),
    });
    const { status } = await client.request("GET", "/api/v1/whoami");
    return Response.json({ status, events });
  },
};
