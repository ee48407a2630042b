import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { RESOURCES, ROUTES, SCOPE } from "./create-provider.ts";

export type TokenFormat = "jwt" | "opaque";

export interface VerifiedToken {
  clientId: string;
  hasScope: boolean;
}

/** Answers undefined for a token that is not active, or not meant for this API. */
export type VerifyToken = (token: string) => Promise<VerifiedToken | undefined>;

interface VerifyTokenOptions {
  issuer: string;
  /** The API's own client (client_secret_post). */
  client: { clientId: string; clientSecret: string };
}

interface TokenClaims {
  client_id?: unknown;
  scope?: unknown;
}

export function tokenFormatOf(token: string): TokenFormat {
  return token.split(".").length === 3 ? "jwt" : "opaque";
}

/** Asks the authorization server over HTTP, as any API would: for its keys, or about an opaque token. */
export function createVerifyToken({ issuer, client }: VerifyTokenOptions): VerifyToken {
  const keys = createRemoteJWKSet(new URL(ROUTES.jwks, issuer));

  async function verifyJwt(token: string): Promise<VerifiedToken | undefined> {
    try {
      const { payload } = await jwtVerify<TokenClaims>(token, keys, {
        issuer,
        audience: RESOURCES.jwt,
        typ: "at+jwt",
      });
      return toVerifiedToken(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  async function introspect(token: string): Promise<VerifiedToken | undefined> {
    const response = await fetch(new URL(ROUTES.introspection, issuer), {
      method: "POST",
      body: new URLSearchParams({ token, client_id: client.clientId, client_secret: client.clientSecret }),
    });
    if (!response.ok) throw new Error(`Introspection answered ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as TokenClaims & { active: boolean; aud?: unknown };
    return answer.active && answer.aud === RESOURCES.opaque ? toVerifiedToken(answer) : undefined;
  }

  return (token) => (tokenFormatOf(token) === "jwt" ? verifyJwt(token) : introspect(token));
}

function toVerifiedToken({ client_id, scope }: TokenClaims): VerifiedToken {
  return {
    clientId: String(client_id),
    hasScope: String(scope ?? "")
      .split(" ")
      .includes(SCOPE),
  };
}
