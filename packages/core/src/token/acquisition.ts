import { createPause, fullJitter } from "../backoff.ts";
import { abortable, type Deadline, sleep } from "../deadline.ts";
import { ConfigurationError, isPersonifyError, PersonifyError, TokenRequestError } from "../errors.ts";
import type { Emit } from "../events.ts";
import type { Clock, ObtainedToken } from "./access-token.ts";
import type { Seal } from "./seal.ts";
import { createSharedTokens, findShared, obtainShared } from "./shared-tokens.ts";
import { createStoreFailures } from "./store-failures.ts";
import {
  buildTokenRequest,
  judgeTokenResponse,
  type SendTokenRequest,
  sendTokenRequest,
  type TokenEndpoint,
  type TokenGrant,
} from "./token-endpoint.ts";
import type { TokenStore } from "./token-store.ts";

/** What an acquisition works with. */
export interface AcquisitionParts {
  readonly endpoint: TokenEndpoint;
  readonly clientSecret: string | (() => string | Promise<string>);
  readonly send: SendTokenRequest;
  /** Derives a credential set's key id, and what seals its tokens at rest. */
  readonly createSeal: (clientSecret: string) => Promise<Seal>;
  readonly store: TokenStore | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
}

/** How a token is got. */
export interface Acquisition {
  /**
   * One token before the deadline, from the store where it holds one that `isUsable`, otherwise from the endpoint.
   * Remembers a refusal and a Retry-After, so that asking again and again does not send again and again.
   */
  obtain(deadline: Deadline, isUsable: (stored: ObtainedToken) => boolean): Promise<ObtainedToken>;
  /** One from the store alone. */
  find(isUsable: (stored: ObtainedToken) => boolean): Promise<ObtainedToken | undefined>;
}

/** A secret with what is derived from it. */
interface Credentials {
  readonly secret: string;
  readonly seal: Seal;
}

const maxRetries = 2;
const retryBase = 200;
const retryCap = 2_000;

/** Creates the way to a token. It decides how to get one; when to is for the token source. */
export function createAcquisition(parts: AcquisitionParts): Acquisition {
  const { endpoint, clock, emit } = parts;
  const reportStoreFailure = createStoreFailures(clock, emit);
  let credentials: Credentials | undefined;
  /** An OAuth error that repeating the request cannot mend. */
  let refusal: { readonly error: TokenRequestError; readonly secret: string } | undefined;
  const refusalPause = createPause();
  /** The endpoint asked not to be asked again before then, on the monotonic clock. */
  let throttled: { readonly error: TokenRequestError; readonly until: number } | undefined;

  /** Asks with the secret at hand; where it is refused and comes from a function, once more with a new one. */
  async function obtain(
    deadline: Deadline,
    isUsable: (stored: ObtainedToken) => boolean,
  ): Promise<ObtainedToken> {
    credentials ??= await readCredentials(deadline.signal);
    const first = credentials;
    try {
      return await acquireWith(first, deadline, isUsable);
    } catch (error) {
      if (typeof parts.clientSecret !== "function" || !mayBeRotated(error)) throw error;
      const second = await readCredentials(deadline.signal);
      credentials = second;
      if (second.secret === first.secret) throw error;
      return await acquireWith(second, deadline, isUsable);
    }
  }

  async function readCredentials(signal: AbortSignal): Promise<Credentials> {
    const secret = await readSecret(parts.clientSecret, signal);
    return { secret, seal: await parts.createSeal(secret) };
  }

  async function acquireWith(
    { secret, seal }: Credentials,
    deadline: Deadline,
    isUsable: (stored: ObtainedToken) => boolean,
  ): Promise<ObtainedToken> {
    const refused = refusalOf(secret);
    // A copy: what one caller writes on its error is not for the next.
    if (refused !== undefined) throw copyOf(refused);
    const request = () => requestWithRetries(secret, seal.keyId, deadline);
    try {
      const token = await (parts.store === undefined
        ? request()
        : obtainShared({
            ...memberOf(parts.store, seal, isUsable),
            request,
            deadline,
          }));
      refusal = undefined;
      refusalPause.end();
      return token;
    } catch (error) {
      if (isRefusal(error) && error !== refusal?.error) {
        if (refusal?.secret !== secret) refusalPause.end();
        refusalPause.start(clock.now().monotonic);
        refusal = { error, secret };
      }
      throw error;
    }
  }

  function memberOf(store: TokenStore, seal: Seal, isUsable: (stored: ObtainedToken) => boolean) {
    const shared = createSharedTokens(store, seal, reportStoreFailure);
    return { shared, keyId: seal.keyId, isUsable, emit };
  }

  function refusalOf(secret: string): TokenRequestError | undefined {
    return refusal?.secret === secret && !refusalPause.isOver(clock.now().monotonic)
      ? refusal.error
      : undefined;
  }

  async function requestWithRetries(
    secret: string,
    keyId: string,
    deadline: Deadline,
  ): Promise<ObtainedToken> {
    await outwaitThrottling(deadline);
    for (let attempt = 1; ; attempt++) {
      // Another request of a Worker may have been refused while this one waited.
      const refused = refusalOf(secret);
      if (refused !== undefined) throw refused;
      emit({ type: "token_requested", keyId, attempt });
      const sentAt = clock.now();
      const elapsed = () => clock.now().monotonic - sentAt.monotonic;
      try {
        // Given up at the deadline even where a client's own `clientAuth` or `fetch` takes no notice of it.
        const grant = await abortable(requestOnce(secret, deadline.signal), deadline.signal);
        const { value, lifetime, scope, narrowed } = grant;
        emit({ type: "token_received", keyId, attempt, duration: elapsed(), lifetime, scope, narrowed });
        return { value, scope, sentAt, lifetime, keyId, isShared: false };
      } catch (error) {
        if (error instanceof TokenRequestError && error.retryAfter !== undefined) {
          throttled = { error, until: clock.now().monotonic + error.retryAfter };
        }
        const retryIn = delayBeforeRetry(attempt, error, deadline);
        emit({
          type: "token_request_failed",
          keyId,
          attempt,
          duration: elapsed(),
          code: isPersonifyError(error) ? error.code : "unknown",
          error: error instanceof TokenRequestError ? error.error : undefined,
          retryIn,
        });
        if (retryIn === undefined) throw error;
        await sleep(retryIn, deadline.signal);
      }
    }
  }

  /** A Retry-After holds for later acquisitions too: it is waited for, or where no time is left for that, the error. */
  async function outwaitThrottling(deadline: Deadline): Promise<void> {
    if (throttled === undefined) return;
    const { error, until } = throttled;
    const remaining = until - clock.now().monotonic;
    if (remaining <= 0) return;
    if (remaining < deadline.remaining()) return sleep(remaining, deadline.signal);
    throw copyOf(error, remaining);
  }

  async function requestOnce(secret: string, signal: AbortSignal): Promise<TokenGrant> {
    const request = await buildTokenRequest(endpoint, secret, signal);
    return judgeTokenResponse(await sendTokenRequest(parts.send, request), endpoint, secret);
  }

  return {
    obtain,
    async find(isUsable) {
      if (parts.store === undefined || credentials === undefined) return undefined;
      return findShared(memberOf(parts.store, credentials.seal, isUsable));
    },
  };
}

function copyOf(original: TokenRequestError, retryAfter = original.retryAfter): TokenRequestError {
  const { message, code, retryable, error, errorDescription } = original;
  return new TokenRequestError(message, { code, retryable, error, errorDescription, retryAfter });
}

/** How long a failed token endpoint asked clients to wait, in ms; undefined where it did not. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof TokenRequestError ? error.retryAfter : undefined;
}

/** ms until the next attempt, or undefined where there is none: a wait past the deadline would only delay the error. */
function delayBeforeRetry(attempt: number, error: unknown, deadline: Deadline): number | undefined {
  if (attempt > maxRetries || deadline.signal.aborted) return undefined;
  if (!isPersonifyError(error) || !error.retryable) return undefined;
  const delay = retryAfterOf(error) ?? fullJitter(attempt, retryBase, retryCap);
  return delay < deadline.remaining() ? delay : undefined;
}

function isRefusal(error: unknown): error is TokenRequestError {
  return error instanceof TokenRequestError && error.code === "token_request_refused";
}

/** Other refusals, such as invalid_scope, come after the secret was found right. */
function mayBeRotated(error: unknown): boolean {
  return isRefusal(error) && (error.error === "invalid_client" || error.error === undefined);
}

async function readSecret(secret: AcquisitionParts["clientSecret"], signal: AbortSignal): Promise<string> {
  if (typeof secret === "string") return secret;
  let answer: unknown;
  try {
    answer = await abortable(Promise.resolve(secret()), signal);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new PersonifyError("Option clientSecret: the function failed; see this error's cause", {
      code: "client_secret_unavailable",
      status: 502,
      retryable: true,
      cause,
    });
  }
  if (typeof answer === "string" && answer !== "" && answer.isWellFormed()) return answer;
  throw new ConfigurationError("Option clientSecret: expected the function to return a non-empty string");
}
