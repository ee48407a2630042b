import { ConfidentialClientApplication, type INetworkModule } from "@azure/msal-node";
import type { Running, Target } from "../../contender.ts";

/** It takes https authorities alone, so its token requests are sent over http by a network module; calls are fetch's. */
export function setUp({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target): Running {
  const { host } = new URL(origin);
  const issuer = `https://${host}/bench`;
  const application = new ConfidentialClientApplication({
    auth: {
      clientId,
      clientSecret,
      authority: issuer,
      knownAuthorities: [host],
      authorityMetadata: JSON.stringify({
        issuer,
        authorization_endpoint: `https://${host}/authorize`,
        token_endpoint: tokenUrl.replace("http:", "https:"),
        jwks_uri: `https://${host}/jwks`,
      }),
    },
    system: { networkClient: plainNetwork },
  });
  const getToken = async () => {
    const result = await application.acquireTokenByClientCredential({ scopes: ["idp_api/.default"] });
    return result?.accessToken;
  };
  return {
    async call() {
      const headers = { authorization: `Bearer ${await getToken()}` };
      return (await fetch(origin + apiPath, { headers })).json();
    },
    getToken,
  };
}

const plainNetwork: INetworkModule = {
  sendGetRequestAsync: (url, options) => send("GET", url, options?.headers),
  sendPostRequestAsync: (url, options) => send("POST", url, options?.headers, options?.body),
};

async function send<T>(
  method: string,
  url: string,
  headers: Record<string, string> = {},
  body: string | null = null,
) {
  const response = await fetch(url.replace("https:", "http:"), { method, headers, body });
  return {
    headers: Object.fromEntries(response.headers),
    status: response.status,
    body: (await response.json()) as T,
  };
}
