/** What the app knows of a call that failed, when it fails. Times are ms on the clock that all processes share. */
export interface FailedCall {
  /** The error's code. */
  readonly code: string;
  /** The API's, where that is what failed. */
  readonly status?: number | undefined;
  readonly at: number;
  /** When the token was requested that its client has, could use, and was not refused in this call. */
  readonly tokenRequestedAt?: number | undefined;
  /** How many tokens the API answered 401 to, in this call. */
  readonly tokensRefused: number;
  /** Its request to the API was still unanswered. */
  readonly awaitsApi: boolean;
  /** Its client was pausing renewals, after one that did not help. */
  readonly renewalPaused: boolean;
}

/** While this lasted, every token was taken away that had been issued before: revoked, or forgotten by a killed emulator. */
export interface Loss {
  readonly from: number;
  /** Infinity while it lasts. */
  to: number;
}

/** What the token half did wrong to a call: see the README for what that is, and why nothing else is. */
export type Blame = "valid token held" | "401 not renewed";

/** Judges a failed call. Undefined: the token half could do nothing for it. */
export function blame(call: FailedCall, losses: readonly Loss[]): Blame | undefined {
  const { code, status, at, tokenRequestedAt, tokensRefused, awaitsApi, renewalPaused } = call;
  // Refused twice, it has had its one replay.
  const isRefused = status === 401 && tokensRefused < 2;
  const ranOutOfTime = code === "request_timeout" && !awaitsApi;
  if (!isRefused && !ranOutOfTime && !code.startsWith("token_")) return undefined;
  if (tokenRequestedAt !== undefined) {
    const isLost = losses.some(({ from, to }) => tokenRequestedAt <= to && from <= at);
    if (!isLost) return "valid token held";
  }
  return isRefused && !renewalPaused ? "401 not renewed" : undefined;
}
