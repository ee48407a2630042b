import { type AccessToken, ClientCredentials } from "simple-oauth2";
import type { Running, Target } from "../../contender.ts";

/** It requests tokens and leaves keeping them to its user, who asks `expired()`; calls are fetch's. */
export function setUp({ origin, apiPath, clientId, clientSecret }: Target): Running {
  const client = new ClientCredentials({
    client: { id: clientId, secret: clientSecret },
    auth: { tokenHost: origin, tokenPath: "/connect/token" },
  });
  let accessToken: AccessToken | undefined;
  const getToken = async () => {
    if (accessToken === undefined || accessToken.expired()) {
      accessToken = await client.getToken({ scope: "idp_api" });
    }
    return accessToken.token["access_token"] as string;
  };
  return {
    async call() {
      const headers = { authorization: `Bearer ${await getToken()}` };
      return (await fetch(origin + apiPath, { headers })).json();
    },
    getToken,
  };
}
