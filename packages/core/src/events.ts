import type { PersonifyErrorCode } from "./errors.ts";

/**
 * What happens inside a client, for logs and metrics. Durations and delays are in ms. `keyId` is a hash that
 * tells credential sets apart. No event holds a secret, a token, a tenant or a raw URL.
 */
export type PersonifyEvent =
  /** One request goes to the token endpoint; `attempt` counts from 1. */
  | { readonly type: "token_requested"; readonly keyId: string; readonly attempt: number }
  /** A token was granted. `narrowed`: fewer scopes than asked for (RFC 6749 §3.3). */
  | {
      readonly type: "token_received";
      readonly keyId: string;
      readonly attempt: number;
      readonly duration: number;
      readonly lifetime: number;
      readonly scope: string | undefined;
      readonly narrowed: boolean;
    }
  /** One token request failed; `retryIn` is set where another follows. */
  | {
      readonly type: "token_request_failed";
      readonly keyId: string;
      readonly attempt: number;
      readonly duration: number;
      readonly code: PersonifyErrorCode | "unknown";
      readonly error: string | undefined;
      readonly retryIn: number | undefined;
    }
  /** A refresh ahead of expiry failed. Callers keep getting the current token, for `remaining` ms more. */
  | {
      readonly type: "token_refresh_failed";
      readonly keyId: string;
      readonly code: PersonifyErrorCode | "unknown";
      readonly remaining: number;
    }
  /** A token came from the token store instead of the endpoint. */
  | { readonly type: "token_shared"; readonly keyId: string }
  /** The API answered 401. `renewing`: a new token is requested for it. */
  | { readonly type: "token_rejected"; readonly keyId: string; readonly renewing: boolean }
  /**
   * A store call failed, took over 250 ms, or returned something that cannot be unsealed. `advice`: what is wrong and how
   * to mend it, where the store says so. The same reason and advice are told again after 60 s.
   */
  | {
      readonly type: "store_failed";
      readonly keyId: string;
      readonly operation: "get" | "set" | "lease" | "release";
      readonly reason: "error" | "timeout" | "unreadable";
      readonly advice: string | undefined;
    }
  /** A call is sent again after a retryable failure; `attempt` is the one that failed, counting from 1. */
  | {
      readonly type: "call_retried";
      readonly method: string;
      readonly attempt: number;
      readonly delay: number;
      readonly status: number | undefined;
      readonly code: PersonifyErrorCode | undefined;
    }
  /** A call is sent again with a new token after a 401. */
  | { readonly type: "call_replayed"; readonly method: string };

/** Hands an event to the listener. Never throws. */
export type Emit = (event: PersonifyEvent) => void;

/** Wraps a listener so that one that throws, or whose promise rejects, never breaks a call. */
export function createEmit(listener: ((event: PersonifyEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  return (event) => {
    try {
      const result = listener(event);
      // Not instanceof: a promise of another realm, as in Jest, counts too.
      if (result !== undefined) Promise.resolve(result).catch(() => {});
    } catch {
      // A listener's own failure is not the caller's.
    }
  };
}
