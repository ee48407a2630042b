import { OAuth2Client } from "google-auth-library";
import type { Running, Target } from "../../contender.ts";
import type { TokenAnswer } from "./cached-token.ts";

/** Its own grants are Google's; a `refreshHandler` is its way to tokens from elsewhere, which it then keeps. */
export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const client = new OAuth2Client();
  client.refreshHandler = async () => {
    const response = await fetch(tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const { access_token, expires_in } = (await response.json()) as TokenAnswer;
    return { access_token, expiry_date: Date.now() + expires_in * 1_000 };
  };
  return {
    call: async () => (await client.request({ url: origin + apiPath })).data,
    getToken: async () => (await client.getAccessToken()).token,
  };
}
