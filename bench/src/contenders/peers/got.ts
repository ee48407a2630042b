import got from "got";
import type { Running, Target } from "../../contender.ts";
import { cachedToken, type TokenAnswer } from "./cached-token.ts";

export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const getToken = cachedToken(() => {
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret };
    return got.post(tokenUrl, { form }).json<TokenAnswer>();
  });
  const api = got.extend({
    hooks: {
      beforeRequest: [
        async (options) => {
          options.headers["authorization"] = `Bearer ${await getToken()}`;
        },
      ],
    },
  });
  return { call: () => api.get(origin + apiPath).json() };
}
