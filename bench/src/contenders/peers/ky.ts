import ky from "ky";
import type { Running, Target } from "../../contender.ts";
import { cachedToken, type TokenAnswer } from "./cached-token.ts";

export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const getToken = cachedToken(() => {
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    return ky.post(tokenUrl, { body }).json<TokenAnswer>();
  });
  const api = ky.extend({
    hooks: {
      beforeRequest: [
        async ({ request }) => {
          request.headers.set("Authorization", `Bearer ${await getToken()}`);
        },
      ],
    },
  });
  return { call: () => api.get(origin + apiPath).json() };
}
