import { createPause } from "../backoff.ts";
import { type Abort, abortable, startDeadline } from "../deadline.ts";
import { isPersonifyError, TimeoutError } from "../errors.ts";
import {
  AccessToken,
  type Instant,
  isExpired,
  isStale,
  type ObtainedToken,
  planLife,
  type TokenLife,
} from "./access-token.ts";
import { type AcquisitionParts, createAcquisition, retryAfterOf } from "./acquisition.ts";

/** What a caller may say when it asks for a token. */
export interface TokenQuery {
  /** Rejects this caller alone, at once, with the signal's reason. */
  readonly signal?: Abort | undefined;
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
export interface TokenSourceParts extends AcquisitionParts {
  /** ms for one acquisition with its retries. */
  readonly timeout: number;
  /** Whether I/O belongs to the request that started it, as on workerd. */
  readonly confined: boolean;
}

/** The token in use. */
interface Held {
  readonly token: AccessToken;
  readonly life: TokenLife;
  readonly sentAt: Instant;
  readonly keyId: string;
  /** The generation of the acquisition that brought it. */
  readonly generation: number;
}

const maxRestarts = 2;
/** ms. A stored token that was requested later than this from now comes from a clock that is wrong about its end, too. */
const maxClockSkew = 60_000;

/** Creates the token source of one credential set. Nothing is requested before the first `getToken`. */
export function createTokenSource(parts: TokenSourceParts): TokenSource {
  const { clock, emit } = parts;
  const { obtain, find } = createAcquisition(parts);

  /** Single flight: while this is set, whoever needs a new token waits for it instead of requesting another. */
  let flight: Promise<AccessToken> | undefined;
  /** When the flight has settled at the latest, monotonic ms; one that has not is dead, as happens on workerd. */
  let flightEndsAt = 0;
  let held: Held | undefined;
  /** Numbers the acquisitions, so that the result of an older one never replaces that of a newer one. */
  let generation = 0;
  /** Acquisitions of an older generation were invalidated while under way. */
  let firstValid = 0;
  /** A token value that is not taken back from the store: it was rejected, forced out or invalidated. */
  let unusable: string | undefined;
  /** Nor are those requested before then, epoch ms: they are older than one of these. */
  let notBefore = 0;
  /** Since when a new token is asked for, epoch ms: older ones are not taken from the store. */
  let forcedAt = 0;
  /** Whether the next token replaces one that the API rejected. */
  let renewing = false;
  const renewalPause = createPause();
  /** While this is set, the store is being looked into during a pause of renewals. */
  let look: Promise<AccessToken> | undefined;
  const refreshPause = createPause();

  function getToken(query: TokenQuery = {}): AccessToken | Promise<AccessToken> {
    query.signal?.throwIfAborted();
    // Before the clocks are read: it is what 10,000 callers of a cold start do.
    if (held === undefined && !query.forceRefresh) return acquire(query);
    const now = clock.now();
    if (query.forceRefresh) {
      if (held !== undefined) refuseFromStore(held.token.value, held.sentAt);
      forcedAt = now.wall;
      return acquire(query);
    }
    if (held === undefined || isExpired(held.life, now)) return acquire(query);
    if (query.rejected?.value === held.token.value) return renew(held, now, query);
    if (isStale(held.life, now)) refreshAhead(held, now, query);
    return held.token;
  }

  /** The API refused a token that we hold for good. One refused right after its renewal is kept for a while. */
  function renew(
    { token, sentAt, keyId }: Held,
    now: Instant,
    query: TokenQuery,
  ): AccessToken | Promise<AccessToken> {
    refuseFromStore(token.value, sentAt);
    if (liveFlight() === undefined) {
      const isDue = renewalPause.isOver(now.monotonic);
      emit({ type: "token_rejected", keyId, renewing: isDue });
      if (!isDue) return parts.store === undefined ? token : abortable(lookForRenewed(token), query.signal);
      renewing = true;
    }
    return acquire(query);
  }

  /** One look serves all whose token is rejected meanwhile; on workerd they could not share it. */
  function lookForRenewed(rejected: AccessToken): Promise<AccessToken> {
    if (parts.confined) return findRenewed(rejected);
    look ??= findRenewed(rejected).finally(() => {
      look = undefined;
    });
    return look;
  }

  /** What another process has renewed since renewing is paused here; otherwise the rejected token. */
  async function findRenewed(rejected: AccessToken): Promise<AccessToken> {
    const started = ++generation;
    const found = await find(replacesHeld);
    return found === undefined ? (held?.token ?? rejected) : keep(found, started);
  }

  function refuseFromStore(value: string, sentAt: Instant): void {
    unusable = value;
    notBefore = Math.max(notBefore, sentAt.wall);
  }

  /** Runs behind the callers' backs: they keep the current token, and a failure is an event. */
  function refreshAhead({ token, keyId }: Held, now: Instant, query: TokenQuery): void {
    if (liveFlight() !== undefined || !refreshPause.isOver(now.monotonic)) return;
    if (parts.confined && query.waitUntil === undefined) return;
    const refresh = startFlight(query.waitUntil);
    // Where it is not shared, the next call would start another.
    if (flight !== refresh) refreshPause.start(now.monotonic);
    refresh.catch((error: unknown) => {
      const { wall, monotonic } = clock.now();
      refreshPause.start(monotonic, retryAfterOf(error));
      const code = isPersonifyError(error) ? error.code : "unknown";
      emit({ type: "token_refresh_failed", keyId, code, remaining: Math.max(0, token.expiresAt - wall) });
    });
  }

  function acquire(query: TokenQuery): Promise<AccessToken> {
    if (parts.confined) return acquireConfined(query);
    return abortable(flight ?? startFlight(), query.signal);
  }

  function liveFlight(): Promise<AccessToken> | undefined {
    return parts.confined && clock.now().monotonic >= flightEndsAt ? undefined : flight;
  }

  function startFlight(waitUntil?: TokenQuery["waitUntil"]): Promise<AccessToken> {
    const started = runAcquisition().finally(() => {
      if (flight === started) flight = undefined;
    });
    const isKept = isKeptAlive(started, waitUntil);
    if (isKept || !parts.confined) {
      flight = started;
      flightEndsAt = clock.now().monotonic + parts.timeout;
    }
    return started;
  }

  /**
   * On workerd a promise dies with the request that made it, and whoever else awaits it hangs. So a flight is shared
   * only where `waitUntil` keeps it alive, and nobody waits for another's longer than an acquisition may take.
   */
  async function acquireConfined(query: TokenQuery): Promise<AccessToken> {
    const shared = liveFlight();
    if (shared === undefined) return abortable(startFlight(query.waitUntil), query.signal);
    const patience = startDeadline(parts.timeout, tokenTimeout, query.signal);
    try {
      return await abortable(shared, patience.signal);
    } catch (error) {
      if (!patience.signal.aborted || query.signal?.aborted) throw error;
      // That one is dead. The first to notice starts another, which the rest can share.
      if (flight === shared) flight = undefined;
      return await acquireConfined(query);
    } finally {
      patience.clear();
    }
  }

  /** Obtains a token within one deadline, again where it was invalidated while under way, and keeps it. */
  async function runAcquisition(): Promise<AccessToken> {
    const deadline = startDeadline(parts.timeout, tokenTimeout);
    try {
      for (let restarts = 0; ; restarts++) {
        const started = ++generation;
        const obtained = await obtain(deadline, replacesHeld);
        // Invalidated faster than tokens arrive: those who wait get one all the same, and nobody keeps it.
        if (started >= firstValid || restarts === maxRestarts) return keep(obtained, started);
        refuseFromStore(obtained.value, obtained.sentAt);
      }
    } finally {
      deadline.clear();
    }
  }

  /** Whether a token from the store is worth having: good, and not the one that is to be replaced or an older one. */
  function replacesHeld(stored: ObtainedToken): boolean {
    const now = clock.now();
    if (stored.value === unusable || stored.sentAt.wall < Math.max(notBefore, forcedAt)) return false;
    if (stored.sentAt.wall > now.wall + maxClockSkew) return false;
    if (isExpired(planLife(stored.lifetime, stored.sentAt, 1), now)) return false;
    if (held === undefined || held.token.value === unusable) return true;
    return stored.sentAt.wall + stored.lifetime > held.token.expiresAt;
  }

  function keep(obtained: ObtainedToken, started: number): AccessToken {
    const { value, scope, sentAt, lifetime, keyId } = obtained;
    refreshPause.end();
    // One from the store may be older than what made the API reject its predecessor: it says nothing of a new one.
    if (renewing && !obtained.isShared) renewalPause.start(clock.now().monotonic);
    renewing = false;
    forcedAt = 0;
    const token = new AccessToken({ value, scope, expiresAt: sentAt.wall + lifetime });
    const isNewer = started >= firstValid && (held === undefined || held.generation < started);
    if (isNewer && lifetime > 0) {
      const life = planLife(lifetime, sentAt, Math.random());
      held = { token, life, sentAt, keyId, generation: started };
    } else if (isNewer && held?.token.value === unusable) {
      // Nothing to keep in its place, and still not to be served again.
      held = undefined;
    }
    return token;
  }

  return {
    getToken,
    invalidate() {
      firstValid = generation + 1;
      if (held !== undefined) refuseFromStore(held.token.value, held.sentAt);
      held = undefined;
    },
    accepted(token) {
      if (token === held?.token) renewalPause.end();
    },
  };
}

/** Tells `waitUntil` of a flight. One that throws, as an unbound one does, keeps nothing alive. */
function isKeptAlive(flight: Promise<unknown>, waitUntil: TokenQuery["waitUntil"]): boolean {
  if (waitUntil === undefined) return false;
  try {
    waitUntil(flight.catch(() => {}));
    return true;
  } catch {
    return false;
  }
}

function tokenTimeout(): TimeoutError {
  return new TimeoutError(
    "No token was obtained within timeout.token; check that tokenUrl can be reached, or allow more time",
    "token_timeout",
  );
}
