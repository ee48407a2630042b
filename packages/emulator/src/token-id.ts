import { hash } from "node:crypto";

/** A name for a token that does not give it away: the first 12 characters of its SHA-256 in base64url. */
export function tokenId(token: string): string {
  return hash("sha256", token, "base64url").slice(0, 12);
}
