import { doublingPause, fullJitter } from "../backoff.ts";
import { abortable, type Deadline, sleep, startDeadline } from "../deadline.ts";
import {
  ConfigurationError,
  isPersonifyError,
  PersonifyError,
  TimeoutError,
  TokenRequestError,
} from "../errors.ts";
import type { Emit } from "../events.ts";
import {
  AccessToken,
  type Clock,
  type Instant,
  isExpired,
  isStale,
  planLife,
  type TokenLife,
} from "./access-token.ts";
import type { Seal } from "./seal.ts";
import { createSharedTokens, type SharedTokens } from "./shared-tokens.ts";
import {
  buildTokenRequest,
  judgeTokenResponse,
  type SendTokenRequest,
  sendTokenRequest,
  type TokenEndpoint,
  type TokenGrant,
} from "./token-endpoint.ts";
import type { TokenStore } from "./token-store.ts";

/** What a caller may say when it asks for a token. */
export interface TokenQuery {
  /** Rejects this caller alone, at once, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** A token that the API answered 401 to. It is renewed, unless that has happened already. */
  readonly rejected?: AccessToken | undefined;
  /** Obtains a new token even where the current one is good. */
  readonly forceRefresh?: boolean | undefined;
  /** Keeps a shared request alive after the caller's own has ended (workerd). */
  readonly waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** Hands out the tokens of one credential set. */
export interface TokenSource {
  /**
   * A token that is good for a call. Given a rejected token, returns that same token where renewing it is paused.
   * Throws or rejects with a `PersonifyError` where there is none to be had.
   */
  getToken(query?: TokenQuery): AccessToken | Promise<AccessToken>;
  /** Forgets the token. One that is being requested now is requested again. */
  invalidate(): void;
  /** Tells that the API took a token, which ends the caution that follows a rejected one. */
  accepted(token: AccessToken): void;
}

/** What a token source works with. */
export interface TokenSourceParts {
  readonly endpoint: TokenEndpoint;
  readonly clientSecret: string | (() => string | Promise<string>);
  readonly send: SendTokenRequest;
  /** Derives a credential set's key id, and what seals its tokens at rest. */
  readonly createSeal: (clientSecret: string) => Promise<Seal>;
  readonly store: TokenStore | undefined;
  /** ms for one acquisition with its retries. */
  readonly timeout: number;
  readonly clock: Clock;
  readonly emit: Emit;
  /** Whether I/O belongs to the request that started it, as on workerd. */
  readonly confined: boolean;
}

/** The token in use. `order` is the generation number of the acquisition that brought it. */
interface Held {
  readonly token: AccessToken;
  readonly life: TokenLife;
  readonly order: number;
}

/** A token as it arrives, from the endpoint or from the store. `lifetime` in ms. */
interface Arrival {
  readonly value: string;
  readonly type: string;
  readonly scope: string | undefined;
  readonly sentAt: Instant;
  readonly lifetime: number;
}

/** A secret with what is derived from it. */
interface Credentials {
  readonly secret: string;
  readonly seal: Seal;
}

/** An OAuth error that repeating the request cannot mend, and the time until it may be tried again. */
interface Refusal {
  readonly error: TokenRequestError;
  readonly secret: string;
  readonly times: number;
  readonly until: number;
}

const maxRetries = 2;
const retryBase = 200;
const retryCap = 2_000;
const leasePoll = 50;
const leasePollCap = 500;

/** Creates the token source of one credential set. Nothing is requested before the first `getToken`. */
export function createTokenSource(parts: TokenSourceParts): TokenSource {
  const { endpoint, clock, emit } = parts;

  /** Single flight: while this is set, whoever needs a new token waits for it instead of requesting another. */
  let flight: Promise<AccessToken> | undefined;
  let held: Held | undefined;
  /** Numbers the acquisitions, so that the result of an older one never replaces that of a newer one. */
  let generation = 0;
  let invalidations = 0;
  /** A token value that is not taken back from the store: it was rejected, forced out or invalidated. */
  let spent: string | undefined;
  let credentials: Credentials | undefined;
  let refusal: Refusal | undefined;
  /** Failed refreshes ahead of expiry in a row, and when the next may run. */
  let refreshes = { failed: 0, notBefore: 0 };
  /** Whether the next token replaces one that the API rejected. */
  let renewing = false;
  /** Such replacements in a row without an accepted call, and when the next may be requested. */
  let renewals = { unaccepted: 0, notBefore: 0 };

  function getToken(query: TokenQuery = {}): AccessToken | Promise<AccessToken> {
    query.signal?.throwIfAborted();
    if (held === undefined) return acquire(query);
    if (query.forceRefresh) {
      spent = held.token.value;
      return acquire(query);
    }
    const now = clock.now();
    if (isExpired(held.life, now)) return acquire(query);
    if (query.rejected?.value === held.token.value) return renew(held, now, query);
    if (isStale(held.life, now)) refreshAhead(held, now, query);
    return held.token;
  }

  /** The API refused a token that we hold for good. A token refused right after its renewal is kept for a while. */
  function renew(rejected: Held, now: Instant, query: TokenQuery): AccessToken | Promise<AccessToken> {
    if (flight === undefined) {
      const isDue = now.monotonic >= renewals.notBefore;
      emit({ type: "token_rejected", keyId: credentials?.seal.keyId ?? "", renewing: isDue });
      if (!isDue) return rejected.token;
      renewing = true;
    }
    spent = rejected.token.value;
    return acquire(query);
  }

  /** Runs behind the callers' backs: they keep the current token, and a failure is an event. */
  function refreshAhead(current: Held, now: Instant, query: TokenQuery): void {
    if (flight !== undefined || now.monotonic < refreshes.notBefore) return;
    if (parts.confined && query.waitUntil === undefined) return;
    const refresh = startFlight().catch((error: unknown) => {
      const failed = refreshes.failed + 1;
      const { wall, monotonic } = clock.now();
      refreshes = {
        failed,
        notBefore: monotonic + Math.max(doublingPause(failed), retryAfterOf(error) ?? 0),
      };
      emit({
        type: "token_refresh_failed",
        keyId: credentials?.seal.keyId ?? "",
        code: isPersonifyError(error) ? error.code : "unknown",
        remaining: Math.max(0, current.token.expiresAt - wall),
      });
    });
    query.waitUntil?.(refresh);
  }

  function acquire(query: TokenQuery): Promise<AccessToken> {
    if (parts.confined) return acquireConfined(query);
    return abortable(flight ?? startFlight(), query.signal);
  }

  function startFlight(): Promise<AccessToken> {
    const started = runAcquisition().finally(() => {
      if (flight === started) flight = undefined;
    });
    flight = started;
    return started;
  }

  /**
   * On workerd a promise dies with the request that made it, and whoever else awaits it hangs. So a flight is shared
   * only where `waitUntil` keeps it alive, and nobody waits for another's longer than an acquisition may take.
   */
  async function acquireConfined(query: TokenQuery): Promise<AccessToken> {
    if (flight === undefined) {
      if (query.waitUntil === undefined) return abortable(runAcquisition(), query.signal);
      const started = startFlight();
      query.waitUntil(started.catch(() => {}));
      return abortable(started, query.signal);
    }
    const shared = flight;
    const patience = startDeadline(parts.timeout, tokenTimeout, query.signal);
    try {
      return await abortable(shared, patience.signal);
    } catch (error) {
      if (!patience.signal.aborted || query.signal?.aborted) throw error;
      if (flight === shared) flight = undefined;
      return await abortable(runAcquisition(), query.signal);
    } finally {
      patience.clear();
    }
  }

  /** Obtains a token within one deadline, again where it was invalidated while under way, and keeps it. */
  async function runAcquisition(): Promise<AccessToken> {
    const deadline = startDeadline(parts.timeout, tokenTimeout);
    try {
      for (;;) {
        const order = ++generation;
        const invalidationsBefore = invalidations;
        const arrival = await obtain(deadline);
        if (invalidations !== invalidationsBefore) {
          spent = arrival.value;
          continue;
        }
        return keep(arrival, order);
      }
    } finally {
      deadline.clear();
    }
  }

  function keep(arrival: Arrival, order: number): AccessToken {
    refreshes = { failed: 0, notBefore: 0 };
    if (renewing) {
      const unaccepted = renewals.unaccepted + 1;
      renewals = { unaccepted, notBefore: clock.now().monotonic + doublingPause(unaccepted) };
      renewing = false;
    }
    const token = new AccessToken({ ...arrival, expiresAt: arrival.sentAt.wall + arrival.lifetime });
    const isNewer = held === undefined || held.order < order;
    if (isNewer && arrival.lifetime > 0) {
      held = { token, life: planLife(arrival.lifetime, arrival.sentAt, Math.random()), order };
    } else if (isNewer && held?.token.value === spent) {
      // Nothing to keep in its place, and still not to be served again.
      held = undefined;
    }
    return token;
  }

  /** Asks with the secret at hand; where that is refused and the secret is a function, once more with a new one. */
  async function obtain(deadline: Deadline): Promise<Arrival> {
    credentials ??= await readCredentials(deadline.signal);
    const first = credentials;
    try {
      return await obtainWith(first, deadline);
    } catch (error) {
      if (typeof parts.clientSecret !== "function" || !isRefusal(error)) throw error;
      const second = await readCredentials(deadline.signal);
      credentials = second;
      if (second.secret === first.secret) throw error;
      return await obtainWith(second, deadline);
    }
  }

  async function readCredentials(signal: AbortSignal): Promise<Credentials> {
    const secret = await readSecret(parts.clientSecret, signal);
    return { secret, seal: await parts.createSeal(secret) };
  }

  async function obtainWith({ secret, seal }: Credentials, deadline: Deadline): Promise<Arrival> {
    if (refusal?.secret === secret && clock.now().monotonic < refusal.until) throw refusal.error;
    const fetchToken = () => requestWithRetries(secret, seal.keyId, deadline);
    try {
      const arrival =
        parts.store === undefined
          ? await fetchToken()
          : await obtainShared(createSharedTokens(parts.store, seal, emit), seal.keyId, fetchToken, deadline);
      refusal = undefined;
      return arrival;
    } catch (error) {
      if (isRefusal(error)) {
        const times = refusal?.secret === secret ? refusal.times + 1 : 1;
        refusal = { error, secret, times, until: clock.now().monotonic + doublingPause(times) };
      }
      throw error;
    }
  }

  /** One member of a fleet fetches under a lease while the others watch the store for what it brings. */
  async function obtainShared(
    shared: SharedTokens,
    keyId: string,
    fetchToken: () => Promise<Arrival>,
    deadline: Deadline,
  ): Promise<Arrival> {
    // A holder that died loses its lease while those who wait for it still have half their time.
    const ttl = parts.timeout / 2;
    const leaseWait = deadline.remaining() / 2;
    for (let poll = 1; ; poll++) {
      const stored = await readUsable(shared, keyId);
      if (stored !== undefined) return stored;
      const lease = await shared.lease(ttl);
      if (lease === undefined && deadline.remaining() > leaseWait) {
        await sleep(leasePoll / 2 + fullJitter(poll, leasePoll, leasePollCap), deadline.signal);
        continue;
      }
      try {
        // Its last holder may have stored a token between our reading and our lease.
        const justStored = await readUsable(shared, keyId);
        if (justStored !== undefined) return justStored;
        const arrival = await fetchToken();
        if (arrival.lifetime > 0) await shared.write({ ...arrival, sentAt: arrival.sentAt.wall });
        return arrival;
      } finally {
        await lease?.release();
      }
    }
  }

  async function readUsable(shared: SharedTokens, keyId: string): Promise<Arrival | undefined> {
    const stored = await shared.read();
    if (stored === undefined || stored.value === spent) return undefined;
    // Only wall time compares between processes.
    const arrival = { ...stored, sentAt: { wall: stored.sentAt, monotonic: Number.POSITIVE_INFINITY } };
    if (isExpired(planLife(arrival.lifetime, arrival.sentAt, 1), clock.now())) return undefined;
    const replaces =
      held === undefined ||
      held.token.value === spent ||
      stored.sentAt + stored.lifetime > held.token.expiresAt;
    if (!replaces) return undefined;
    emit({ type: "token_shared", keyId });
    return arrival;
  }

  async function requestWithRetries(secret: string, keyId: string, deadline: Deadline): Promise<Arrival> {
    for (let attempt = 1; ; attempt++) {
      emit({ type: "token_requested", keyId, attempt });
      const sentAt = clock.now();
      const elapsed = () => clock.now().monotonic - sentAt.monotonic;
      try {
        // Given up at the deadline even where a client's own `clientAuth` or `fetch` takes no notice of it.
        const grant = await abortable(requestOnce(secret, deadline.signal), deadline.signal);
        const { lifetime, scope, narrowed } = grant;
        emit({ type: "token_received", keyId, attempt, duration: elapsed(), lifetime, scope, narrowed });
        return { ...grant, sentAt };
      } catch (error) {
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

  async function requestOnce(secret: string, signal: AbortSignal): Promise<TokenGrant> {
    const request = await buildTokenRequest(endpoint, secret, signal);
    return judgeTokenResponse(await sendTokenRequest(parts.send, request), endpoint, secret);
  }

  return {
    getToken,
    invalidate() {
      invalidations++;
      if (held !== undefined) spent = held.token.value;
      held = undefined;
    },
    accepted(token) {
      if (renewals.unaccepted > 0 && token === held?.token) renewals = { unaccepted: 0, notBefore: 0 };
    },
  };
}

/** ms until the next attempt, or undefined where there is none: a wait past the deadline would only delay the error. */
function delayBeforeRetry(attempt: number, error: unknown, deadline: Deadline): number | undefined {
  if (attempt > maxRetries || deadline.signal.aborted || !isPersonifyError(error) || !error.retryable)
    return undefined;
  const delay = retryAfterOf(error) ?? fullJitter(attempt, retryBase, retryCap);
  return delay < deadline.remaining() ? delay : undefined;
}

function retryAfterOf(error: unknown): number | undefined {
  return error instanceof TokenRequestError ? error.retryAfter : undefined;
}

function isRefusal(error: unknown): error is TokenRequestError {
  return error instanceof TokenRequestError && error.code === "token_request_refused";
}

async function readSecret(secret: TokenSourceParts["clientSecret"], signal: AbortSignal): Promise<string> {
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
  throw new ConfigurationError("Option clientSecret: the function must return a non-empty string");
}

function tokenTimeout(): TimeoutError {
  return new TimeoutError(
    "No token was obtained within timeout.token; check that tokenUrl can be reached, or allow more time",
    "token_timeout",
  );
}
