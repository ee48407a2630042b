import type { PersonifyErrorCode } from "./errors.ts";

/**
 * What happens inside a client, for logs and metrics. Durations, delays and lifetimes are in ms, and attempts count
 * from 1. `keyId` is a hash that tells credential sets apart; an event of a call has that of the last token, undefined
 * before the first. `tenantId` is the caller's own. No event holds a secret, a token or a raw URL.
 */
export type PersonifyEvent =
  /** One request goes to the token endpoint. */
  | { readonly type: "token_requested"; readonly keyId: string; readonly attempt: number }
  /** A token was granted, the first or one that replaces another. `narrowed`: fewer scopes than asked for (RFC 6749 §3.3). */
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
  /** A refresh ahead of expiry failed. Callers are served the current, stale token for `remaining` ms more. */
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
  /** A call is sent again after a retryable failure; `attempt` is the one that failed. */
  | {
      readonly type: "call_retried";
      readonly keyId?: string | undefined;
      readonly tenantId: string | false;
      readonly method: string;
      readonly attempt: number;
      readonly delay: number;
      readonly status: number | undefined;
      readonly code: PersonifyErrorCode | undefined;
    }
  /** A call is sent again with a new token after a 401. */
  | {
      readonly type: "call_replayed";
      readonly keyId?: string | undefined;
      readonly tenantId: string | false;
      readonly method: string;
    }
  /**
   * A call rejected, with its token, retries and time all told. `path` is its template, undefined where the call passed
   * no `path` values. `client.fetch` leaves it to its caller what a failure is, and has no such event.
   */
  | {
      readonly type: "call_failed";
      readonly keyId?: string | undefined;
      readonly tenantId: string | false;
      readonly method: string;
      readonly path: string | undefined;
      readonly duration: number;
      readonly status: number | undefined;
      readonly code: PersonifyErrorCode | "aborted" | "unknown";
    };

/** Hands an event to the listener, that of a call with the key id of the last token. Never throws. */
export type Emit = (event: PersonifyEvent) => void;

/** Wraps a listener so that one that throws, or whose promise rejects, never breaks a call. */
export function createEmit(listener: ((event: PersonifyEvent) => unknown) | undefined): Emit {
  if (listener === undefined) return () => {};
  let keyId: string | undefined;
  return (event) => {
    keyId = event.keyId ?? keyId;
    try {
      const result = listener({ ...event, keyId } as PersonifyEvent);
      // Not instanceof: a promise of another realm, as in Jest, counts too.
      if (result !== undefined) Promise.resolve(result).catch(() => {});
    } catch {
      // A listener's own failure is not the caller's.
    }
  };
}
