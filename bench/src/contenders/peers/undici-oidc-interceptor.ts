import { createOidcInterceptor } from "undici-oidc-interceptor";
import { Agent, request } from "undici7";
import type { Running, Target } from "../../contender.ts";

/** On undici 7, which it is made for; it hands out no token. */
export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const dispatcher = new Agent().compose(
    createOidcInterceptor({
      clientId,
      clientSecret,
      idpTokenUrl: tokenUrl,
      retryOnStatusCodes: [401],
      urls: [origin],
    }),
  );
  const url = origin + apiPath;
  return { call: async () => (await request(url, { dispatcher })).body.json() };
}
