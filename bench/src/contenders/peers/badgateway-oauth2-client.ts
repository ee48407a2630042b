import { OAuth2Client, OAuth2Fetch } from "@badgateway/oauth2-client";
import type { Running, Target } from "../../contender.ts";

export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const client = new OAuth2Client({ server: origin, clientId, clientSecret, tokenEndpoint: tokenUrl });
  const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
  const url = origin + apiPath;
  return {
    call: async () => (await wrapper.fetch(url)).json(),
    getToken: () => wrapper.getAccessToken(),
  };
}
