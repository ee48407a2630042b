/**
 * An access token as it was granted (RFC 6749 §5.1). Only `value` reveals it: logging, serialising or
 * stringifying this object does not.
 */
export class AccessToken {
  readonly #value: string;
  /** The token type (RFC 6750). No other is accepted. */
  readonly type = "Bearer";
  /** When it expires, epoch ms. */
  readonly expiresAt: number;
  /** The scope that was granted, which may be narrower than what was asked for; undefined where none is known. */
  readonly scope: string | undefined;

  constructor(token: { value: string; expiresAt: number; scope: string | undefined }) {
    this.#value = token.value;
    this.expiresAt = token.expiresAt;
    this.scope = token.scope;
  }

  /** The token itself, for an Authorization header. */
  get value(): string {
    return this.#value;
  }

  /** Names the type and never the token, so that it is safe in a template string. */
  toString(): string {
    return `[AccessToken ${this.type}]`;
  }
}

/** One moment on both clocks, in ms: wall time can step, monotonic time can miss a suspended machine. */
export interface Instant {
  readonly wall: number;
  readonly monotonic: number;
}

/** A token as it came, from the endpoint or from the store. */
export interface ObtainedToken {
  readonly value: string;
  readonly scope: string | undefined;
  readonly sentAt: Instant;
  /** ms from `sentAt`. */
  readonly lifetime: number;
  /** The key id of the credential set that it belongs to. */
  readonly keyId: string;
  /** Whether it came from the store. */
  readonly isShared: boolean;
}

/** Where the two clocks are read. */
export interface Clock {
  now(): Instant;
}

/** The clocks of this process, looked up on each call so that a test's fake clock is seen. */
export const processClock: Clock = {
  now: () => ({ wall: Date.now(), monotonic: performance.now() }),
};

/** For workerd, whose monotonic clock says nothing: wall time serves as both. */
export const wallClock: Clock = {
  now: () => ({ wall: Date.now(), monotonic: Date.now() }),
};

/** The two moments that matter in a token's life. */
export interface TokenLife {
  /** From here on a refresh runs in the background and the token is still served. */
  readonly soft: Instant;
  /** From here on the token is not used for a new call. */
  readonly hard: Instant;
}

/** No token is served in its last 5 s: clocks differ and requests take time to arrive. */
const maxMargin = 5_000;
/** A fixed margin alone would leave nothing of a short life and fetch on every call. */
const marginShare = 0.1;

/**
 * Plans a life of `lifetime` ms from the moment its request was sent. The soft end is drawn between 75 and 85 % by
 * `draw` (0 to 1), so that processes that started together do not refresh together.
 */
export function planLife(lifetime: number, sentAt: Instant, draw: number): TokenLife {
  const soft = lifetime * (0.75 + 0.1 * draw);
  const hard = lifetime - Math.min(maxMargin, lifetime * marginShare);
  return { soft: later(sentAt, soft), hard: later(sentAt, hard) };
}

/** Whether a refresh is due. */
export function isStale(life: TokenLife, now: Instant): boolean {
  return reached(life.soft, now);
}

/** Whether the token must not be used for a new call. */
export function isExpired(life: TokenLife, now: Instant): boolean {
  return reached(life.hard, now);
}

function later(instant: Instant, ms: number): Instant {
  return { wall: instant.wall + ms, monotonic: instant.monotonic + ms };
}

// Either clock is enough: a suspend stops the monotonic one, a step back holds the wall one.
function reached(moment: Instant, now: Instant): boolean {
  return now.wall >= moment.wall || now.monotonic >= moment.monotonic;
}
