import * as client from "openid-client";
import type { Running, Target } from "../../contender.ts";

/** It requests tokens and leaves keeping them to its user, who asks `expiresIn()`. */
export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const server = { issuer: origin, token_endpoint: tokenUrl };
  const config = new client.Configuration(server, clientId, clientSecret);
  client.allowInsecureRequests(config);
  const url = new URL(origin + apiPath);
  let tokens: Awaited<ReturnType<typeof client.clientCredentialsGrant>> | undefined;
  const getToken = async () => {
    if (tokens === undefined || (tokens.expiresIn() ?? 0) <= 0) {
      tokens = await client.clientCredentialsGrant(config, { scope: "idp_api" });
    }
    return tokens.access_token;
  };
  return {
    call: async () => (await client.fetchProtectedResource(config, await getToken(), url, "GET")).json(),
    getToken,
  };
}
