import axios from "axios";
import type { Running, Target } from "../../contender.ts";
import { cachedToken, type TokenAnswer } from "./cached-token.ts";

export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const getToken = cachedToken(async () => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    });
    return (await axios.post<TokenAnswer>(tokenUrl, form)).data;
  });
  const api = axios.create({ baseURL: origin });
  api.interceptors.request.use(async (config) => {
    config.headers.set("Authorization", `Bearer ${await getToken()}`);
    return config;
  });
  return { call: async () => (await api.get(apiPath)).data };
}
