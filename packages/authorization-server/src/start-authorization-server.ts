import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientAuthMethod, ClientMetadata } from "oidc-provider";
import { createProvider, RESOURCES, ROUTES, SCOPE } from "./create-provider.ts";
import { API_PREFIX, type ApiRequest, createProtectedApi } from "./protected-api.ts";
import { createVerifyToken } from "./verify-token.ts";

/** What a client is registered with. */
export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

/** A running server; each has its own port, keys, clients and tokens. */
export interface AuthorizationServer {
  /** Its metadata are at `/.well-known/openid-configuration`; they name the revocation endpoint too. */
  issuer: string;
  tokenUrl: string;
  /** Without a trailing slash; the API's paths start with `/api/v1/`. */
  apiBaseUrl: string;
  /**
   * Registered for client_secret_post and for client_secret_basic, but oidc-provider takes either method
   * from either client. Both secrets, and the id of `basic`, have characters that need encoding.
   */
  clients: { post: ClientCredentials; basic: ClientCredentials };
  /** Values of the `resource` parameter (RFC 8707), by the token format that they get. Without it: a JWT. */
  resources: { jwt: string; opaque: string };
  /** POSTs that reached the token endpoint, answered well or not. */
  tokenRequests(): number;
  /** Requests that the API has answered, oldest first. */
  apiRequests(): ApiRequest[];
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Starts oidc-provider and the API that it protects on one free loopback port. */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const httpServer = createServer();
  httpServer.listen(0, "127.0.0.1");
  await once(httpServer, "listening");
  const issuer = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;

  const post = { clientId: "post-client", clientSecret: createSecret() };
  const basic = { clientId: "basic:client+1", clientSecret: createSecret() };
  const api = { clientId: "protected-api", clientSecret: createSecret() };

  const provider = await createProvider({
    issuer,
    clients: [
      { ...registration(post, "client_secret_post"), grant_types: ["client_credentials"], scope: SCOPE },
      { ...registration(basic, "client_secret_basic"), grant_types: ["client_credentials"], scope: SCOPE },
      registration(api, "client_secret_post"),
    ],
    introspectingClientId: api.clientId,
  });

  let tokenRequests = 0;
  const apiRequests: ApiRequest[] = [];
  const answerAsProvider = provider.callback();
  const answerAsApi = createProtectedApi(createVerifyToken({ issuer, client: api }), (request) => {
    apiRequests.push(request);
  });

  httpServer.on("request", (request, response) => {
    const path = request.url ?? "/";
    if (request.method === "POST" && path.split("?")[0] === ROUTES.token) tokenRequests += 1;
    void (path.startsWith(API_PREFIX) ? answerAsApi : answerAsProvider)(request, response);
  });

  return {
    issuer,
    tokenUrl: `${issuer}${ROUTES.token}`,
    apiBaseUrl: issuer,
    clients: { post, basic },
    resources: { ...RESOURCES },
    tokenRequests: () => tokenRequests,
    apiRequests: () => [...apiRequests],
    async close() {
      const closed = once(httpServer, "close");
      httpServer.close();
      httpServer.closeAllConnections();
      await closed;
    },
  };
}

/**
 * A secret that comes out different where it is not encoded, or encoded or decoded once too often. oidc-provider takes
 * visible ASCII alone (RFC 6749 §A.2).
 */
function createSecret(): string {
  return `a+b%20c:d&e=f g/?#;~!*'()"\\|<>^-_.${randomUUID()}`;
}

function registration(client: ClientCredentials, authMethod: ClientAuthMethod): ClientMetadata {
  return {
    client_id: client.clientId,
    client_secret: client.clientSecret,
    token_endpoint_auth_method: authMethod,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  };
}
