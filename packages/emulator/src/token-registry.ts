import { randomBytes, randomUUID } from "node:crypto";
import type { ClientSettings } from "./client-registry.ts";
import type { Clock } from "./clock.ts";
import { checkMembers, invalidArgument } from "./invalid-argument.ts";
import type { SigningKey } from "./signing-key.ts";
import { tokenId } from "./token-id.ts";

/** A token that the API would accept now; without its value. */
export interface AliveToken {
  /** Short SHA-256 of the token: what `requests()` calls `tokenId`. */
  readonly id: string;
  /** The client that it was issued to. */
  readonly clientId: string;
  /** Space-separated. */
  readonly scope: string;
  /** Epoch milliseconds. */
  readonly issuedAt: number;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** The tokens issued so far. */
export interface Tokens {
  /** Those neither expired nor revoked, oldest first. */
  alive(): AliveToken[];
  /**
   * Makes the API answer 401 to every token issued until now, or to those of one client.
   * @returns how many were alive
   * @throws TypeError on another member than `clientId`
   */
  revoke(of?: { readonly clientId?: string }): number;
}

/** `Tokens` plus what the endpoints need. */
export interface TokenRegistry extends Tokens {
  issue(client: ClientSettings, scopes: readonly string[], audience: readonly string[]): Promise<string>;
  /** What a token is good for, or why it is not. */
  check(token: string): { readonly token: AliveToken } | { readonly refused: string };
}

/** Older tokens are forgotten, and so refused, beyond this many. */
const KEPT = 100_000;

export function createTokenRegistry(setup: {
  readonly clock: Clock;
  readonly issuer: string;
  readonly signingKey: SigningKey;
}): TokenRegistry {
  const { clock, issuer, signingKey } = setup;
  const issued = new Map<string, AliveToken>();
  const isAlive = (token: AliveToken, now = clock.now()) => token.expiresAt > now;

  return {
    async issue(client, scopes, audience) {
      const issuedAt = clock.now();
      const scope = scopes.join(" ");
      const iat = Math.floor(issuedAt / 1000);
      const value =
        client.tokenFormat === "opaque"
          ? randomBytes(32).toString("base64url")
          : await signingKey.sign({
              iss: issuer,
              aud: audience.length === 1 ? (audience[0] as string) : [...audience],
              client_id: client.clientId,
              scope,
              iat,
              exp: iat + client.tokenLifetime,
              jti: randomUUID(),
            });
      const expiresAt = issuedAt + client.tokenLifetime * 1000;
      issued.set(value, { id: tokenId(value), clientId: client.clientId, scope, issuedAt, expiresAt });
      if (issued.size > KEPT) issued.delete(issued.keys().next().value as string);
      return value;
    },
    // A token that equals an issued one carries the signature that was made for it: nothing is left to verify.
    check(value) {
      const token = issued.get(value);
      if (token === undefined) return { refused: "The token is unknown or was revoked" };
      if (!isAlive(token)) return { refused: "The token expired" };
      return { token };
    },
    alive() {
      const now = clock.now();
      return [...issued.values()].filter((token) => isAlive(token, now));
    },
    revoke(of = {}) {
      checkMembers("revoke", of, ["clientId"]);
      const { clientId } = of;
      if (clientId !== undefined && typeof clientId !== "string") {
        throw invalidArgument("clientId", "text", clientId);
      }
      let revoked = 0;
      for (const [value, token] of issued) {
        if (clientId !== undefined && token.clientId !== clientId) continue;
        if (isAlive(token)) revoked += 1;
        issued.delete(value);
      }
      return revoked;
    },
  };
}
