import { Hono } from "hono";
import type { ClientRegistry } from "./client-registry.ts";
import type { EmulatorEnv } from "./request-context.ts";
import type { SigningKey } from "./signing-key.ts";

const DISCOVERY_PATH = "/.well-known/openid-configuration";
const JWKS_PATH = `${DISCOVERY_PATH}/jwks`;

/** Server metadata (RFC 8414 §2) and the public signing key (RFC 7517). */
export function discovery(setup: {
  readonly issuer: string;
  readonly tokenUrl: string;
  readonly clients: ClientRegistry;
  readonly signingKey: SigningKey;
}): Hono<EmulatorEnv> {
  const { issuer, tokenUrl, clients, signingKey } = setup;
  return new Hono<EmulatorEnv>()
    .get(DISCOVERY_PATH, (c) =>
      c.json({
        issuer,
        token_endpoint: tokenUrl,
        jwks_uri: issuer + JWKS_PATH,
        grant_types_supported: ["client_credentials"],
        token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
        scopes_supported: [...new Set(clients.list().flatMap((client) => client.scopes))],
      }),
    )
    .get(JWKS_PATH, (c) => c.json(signingKey.jwks));
}
