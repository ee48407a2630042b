import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import Provider, { type ClientMetadata, errors, type TokenFormat } from "oidc-provider";
import { createMemoryAdapter } from "./memory-adapter.ts";

export const SCOPE = "idp_api";

/** The API's two names (RFC 8707): the one that a client asks for decides the format of its token. */
export const RESOURCES = {
  jwt: "urn:personify-auth:api:jwt",
  opaque: "urn:personify-auth:api:opaque",
} as const;

export const ROUTES = {
  token: "/connect/token",
  introspection: "/connect/introspect",
  revocation: "/connect/revocation",
  jwks: "/.well-known/jwks",
} as const;

const SIGNING_ALGORITHM = "ES256";
const TOKEN_LIFETIME_SECONDS = 3600;

interface ProviderOptions {
  issuer: string;
  clients: ClientMetadata[];
  /** The only client whose introspection requests are answered. */
  introspectingClientId: string;
}

export async function createProvider(options: ProviderOptions): Promise<Provider> {
  const formats = new Map<string, TokenFormat>(
    Object.entries(RESOURCES).map(([format, resource]) => [resource, format as TokenFormat]),
  );

  return new Provider(options.issuer, {
    adapter: createMemoryAdapter(),
    clients: options.clients,
    clientDefaults: { id_token_signed_response_alg: SIGNING_ALGORITHM },
    cookies: { keys: [randomBytes(32).toString("base64url")] },
    jwks: { keys: [await generateSigningKey()] },
    routes: ROUTES,
    scopes: [SCOPE],
    ttl: { ClientCredentials: TOKEN_LIFETIME_SECONDS },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_context, client) => client.clientId === options.introspectingClientId,
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context, client, token) => token.clientId === client.clientId,
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCES.jwt,
        getResourceServerInfo: (_context, resource) => {
          const accessTokenFormat = formats.get(resource);
          if (accessTokenFormat === undefined) throw new errors.InvalidTarget();
          return {
            scope: SCOPE,
            audience: resource,
            accessTokenFormat,
            accessTokenTTL: TOKEN_LIFETIME_SECONDS,
            jwt: { sign: { alg: SIGNING_ALGORITHM } },
          };
        },
      },
    },
  });
}

async function generateSigningKey() {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: SIGNING_ALGORITHM, kid: "signing-key", use: "sig" };
}
