import { NetworkError } from "../errors.ts";
import type { PersonifyEvent } from "../events.ts";
import { AccessToken, type Instant } from "../token/access-token.ts";
import type { Seal } from "../token/seal.ts";
import type { TokenRequest, TokenResponse } from "../token/token-endpoint.ts";
import type { TokenQuery, TokenSource } from "../token/token-source.ts";
import type { TokenStore } from "../token/token-store.ts";
import type { ApiMode, EndpointMode, Scenario, StoreMode } from "./actions.test.support.ts";
import type { IncomingRequests } from "./incoming-requests.test.support.ts";
import { createModelStore } from "./model-store.test.support.ts";
import { storeAllowance, tokenTimeout } from "./source-setup.test.support.ts";
import { later, type VirtualTime } from "./virtual-time.test.support.ts";

/** A token as the world knows it. */
interface Issued {
  readonly value: string;
  /** Counts grants: the higher, the newer. */
  readonly order: number;
  /** Counts requests. */
  readonly request: number;
  /** When the client sent the request that it answers, on the client's clocks. */
  sentAt: Instant;
  readonly lifetime: number;
  /** When the API stops to take it, on the monotonic clock. */
  readonly validUntil: number;
  revoked: boolean;
  /** It may have come after it had ended, so those who waited for it are the only ones to use it. */
  cameLate: boolean;
}

/** What the client has to hold, as the rules say, with the reasons to replace it that were seen. */
interface Held {
  readonly token: Issued;
  isStale: boolean;
  isForced: boolean;
  isRejected: boolean;
}

/** A query that has not been answered. */
interface Waiter {
  readonly since: number;
  /** False once its request was killed: nobody waits any more. */
  readonly isAlive: () => boolean;
  readonly signal: TokenQuery["signal"];
}

/** What the API answered to a call. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
}

/** All that is outside of the client: token endpoint, API, store, secret; and what must hold of their dealings. */
export interface World {
  readonly violations: string[];
  readonly trace: string[];
  /** Tells of what a call may fail for, or one that comes soon after. */
  fault(): void;
  /** When the last fault was, on the monotonic clock. */
  readonly lastFaultAt: () => number;
  endpoint: EndpointMode;
  api: ApiMode;
  storeMode: StoreMode;
  readonly store: TokenStore;
  readonly sendToken: (request: TokenRequest) => Promise<TokenResponse>;
  readonly sendCall: (call: { readonly headers: Readonly<Record<string, string>> }) => Promise<ApiAnswer>;
  readonly secret: () => string;
  readonly createSeal: (secret: string) => Promise<Seal>;
  readonly onEvent: (event: PersonifyEvent) => void;
  /** The token source with all of its promises watched. */
  watch(source: TokenSource): TokenSource;
  invalidated(): void;
  /** The wall clock was set. */
  stepped(): void;
  revokeAll(): void;
  rotate(): void;
  /** Requests were killed, `hard` with what `waitUntil` kept. */
  killed(hard: boolean): void;
  storeFromElsewhere(lifetime: number): void;
  /** What must hold whenever nothing is under way at this moment. */
  check(): void;
  note(line: string): void;
}

export function createWorld(
  scenario: Scenario,
  time: VirtualTime,
  requestsOfWorker: IncomingRequests,
): World {
  const issued = new Map<string, Issued>();
  const waiters = new Set<Waiter>();
  let orders = 0;
  let secretNumber = 1;
  let openRequests = 0;
  /** Also between two attempts. */
  let isRequesting = false;
  let held: Held | undefined;
  /** The grant that the client is about to keep or throw away. */
  let arriving: Issued | undefined;
  /** Whether the token that is being obtained was invalidated. Where that is not certain, nothing is held. */
  let wasInvalidated = false;
  let readFromStore: Issued | undefined;
  let refusal: { readonly secret: string; readonly at: number } | undefined;
  let lies = 0;
  let requests = 0;
  let invalidations = 0;
  /** What was requested before this was invalidated. */
  let firstValid = 0;
  let refreshFailedAt = Number.NEGATIVE_INFINITY;
  let isRenewing = false;
  /** When a new token was requested for a rejected one, unless the API took it. */
  let renewedAt = Number.NEGATIVE_INFINITY;
  /** Until then several requests of a Worker may obtain tokens of their own, and which is held is not certain. */
  let uncertainUntil = Number.NEGATIVE_INFINITY;
  let hardKills = 0;
  let isStepped = false;
  let lastFaultAt = Number.NEGATIVE_INFINITY;

  const store = createModelStore({
    mode: () => world.storeMode,
    now: () => time.now().monotonic,
    onRead(value) {
      readFromStore = value === undefined ? undefined : issued.get(value);
    },
  });

  const world: World = {
    violations: [],
    trace: [],
    fault() {
      lastFaultAt = time.now().monotonic;
    },
    lastFaultAt: () => lastFaultAt,
    endpoint: scenario.endpoint,
    api: { kind: "serves", latency: 20 },
    storeMode: "works",
    store,
    sendToken,
    sendCall,
    secret: () => `secret-${secretNumber}`,
    createSeal: async (secret) => ({
      keyId: `key of ${secret}`,
      seal: async (text) => text,
      unseal: async (text) => (text.startsWith("{") ? text : undefined),
    }),
    onEvent,
    watch,
    stepped() {
      isStepped = true;
    },
    invalidated() {
      held = undefined;
      invalidations += 1;
      firstValid = requests + 1;
      wasInvalidated = isRequesting || waiters.size > 0 || scenario.hasStore;
    },
    revokeAll() {
      for (const token of issued.values()) token.revoked = true;
    },
    rotate() {
      secretNumber += 1;
    },
    killed(hard) {
      if (!hard) return;
      hardKills += 1;
      // Those who wait for a dead flight may wait for another's, and then each make a request.
      beUncertain(4 * tokenTimeout);
    },
    storeFromElsewhere(lifetime) {
      store.put(`key of ${world.secret()}`, issue(time.now(), lifetime));
    },
    check,
    note(line) {
      world.trace.push(`${(time.now().monotonic - 1_000).toFixed(0).padStart(9)} ms  ${line}`);
    },
  };

  function violate(rule: string): void {
    world.note(`VIOLATION ${rule}`);
    world.violations.push(rule);
  }

  function beUncertain(ms: number): void {
    held = undefined;
    uncertainUntil = Math.max(uncertainUntil, time.now().monotonic + ms);
  }

  function issue(sentAt: Instant, lifetime: number, value = `access-token-${orders + 1}`): Issued {
    const token: Issued = {
      value,
      order: ++orders,
      request: requests,
      sentAt,
      lifetime,
      validUntil: time.now().monotonic + lifetime,
      revoked: false,
      cameLate: false,
    };
    issued.set(value, token);
    return token;
  }

  // The token endpoint.

  async function sendToken(request: TokenRequest): Promise<TokenResponse> {
    const sentAt = time.now();
    const mode = world.endpoint;
    const secret = new URLSearchParams(request.body).get("client_secret") ?? "";
    openRequests += 1;
    requests += 1;
    // On workerd those who waited for a request that takes too long make one each.
    if (openRequests > 1 && !scenario.isConfined) violate("at most one token request is open");
    if (refusal?.secret === secret && sentAt.monotonic < refusal.at + 5_000) {
      violate("a secret that was refused is not sent again within 5 s");
    }
    if (!scenario.isConfined) judgeReason(sentAt.monotonic);
    world.note(`token request with ${secret}: endpoint ${mode.kind}, ${mode.latency} ms`);
    try {
      const { kind } = mode;
      if (kind === "hangs" || mode.latency > 2_500) world.fault();
      await later(kind === "hangs" ? Number.POSITIVE_INFINITY : mode.latency, request.signal);
      if (secret !== world.secret() || kind === "refuses") {
        world.fault();
        refusal = { secret, at: time.now().monotonic };
        return json(401, { error: "invalid_client" });
      }
      if (kind === "grants" || kind === "repeats") return grant(mode, sentAt);
      world.fault();
      if (kind === "fails") return json(503, {});
      if (kind === "throttles") return json(429, {}, { "retry-after": "3" });
      if (kind === "resets")
        throw new NetworkError("reset", { code: "token_network_error", retryable: true });
      return lie();
    } finally {
      openRequests -= 1;
    }
  }

  /** Whether what is held gives a reason for a token request. */
  function judgeReason(monotonic: number): void {
    if (held === undefined || held.isForced) return;
    const { isStale, isRejected } = held;
    if (!isStale && !isRejected) violate("no token is requested while there is no reason to");
    if (isRejected && !isStale && monotonic < renewedAt + 5_000) {
      violate("a token that is rejected right after its renewal is not renewed for 5 s");
    }
    const isGood = !ended(held.token, hardEnd(held.token), time.now());
    if (isStale && isGood && !isRejected && monotonic < refreshFailedAt + 5_000) {
      violate("a refresh that failed is not tried again for 5 s");
    }
  }

  function grant({ kind, expiresIn }: EndpointMode, sentAt: Instant): TokenResponse {
    const { wall, monotonic } = time.now();
    const latest = [...issued.values()].findLast((token) => token.validUntil > monotonic);
    const repeated = kind === "repeats" ? latest : undefined;
    const granted = repeated === undefined ? expiresIn : (repeated.validUntil - monotonic) / 1_000;
    arriving = issue(sentAt, lifetimeOf(granted), repeated?.value);
    if (repeated !== undefined) arriving.revoked = repeated.revoked;
    const took = Math.max(wall - sentAt.wall, monotonic - sentAt.monotonic);
    arriving.cameLate = took >= hardEnd(arriving) || (scenario.hasStore && world.storeMode === "hangs");
    if (arriving.lifetime < 60_000 || arriving.revoked) world.fault();
    return json(200, {
      access_token: arriving.value,
      token_type: "Bearer",
      ...(granted !== undefined && { expires_in: granted }),
    });
  }

  function lie(): TokenResponse {
    const bodies = [
      "",
      "<html>sign in</html>",
      '{"access_token":"access-token-9',
      '{"access_token":"a\\r\\nb","token_type":"Bearer"}',
      '{"access_token":"access-token-9","token_type":"mac"}',
      '{"error":"server_error"}',
    ];
    lies += 1;
    return { status: 200, headers: new Headers(), body: bodies[lies % bodies.length] ?? "" };
  }

  // The API.

  async function sendCall({ headers }: { readonly headers: Readonly<Record<string, string>> }) {
    const now = time.now();
    const { kind, latency } = world.api;
    const value = headers["authorization"]?.replace("Bearer ", "") ?? "";
    const token = issued.get(value);
    if (token === undefined) violate("no call is sent without a token that was granted");
    else if (ended(token, token.lifetime, now) && token.lifetime > 0 && !token.cameLate) {
      violate("no call is sent with a token that has expired");
    }
    if (kind !== "serves" || latency > 2_500) world.fault();
    const isGood = token !== undefined && !token.revoked && now.monotonic < token.validUntil;
    await later(latency);
    if (kind === "resets") throw new NetworkError("reset", { code: "network_error", retryable: true });
    const status = kind === "fails" ? 503 : isGood && kind !== "rejects" ? 200 : 401;
    if (status < 400 && held?.token.value === value) renewedAt = Number.NEGATIVE_INFINITY;
    world.note(`the API answers ${status} to ${value}`);
    return { status, headers: new Headers() };
  }

  // The client.

  function onEvent(event: PersonifyEvent): void {
    world.note(`  ${JSON.stringify(event)}`);
    switch (event.type) {
      case "token_requested":
        isRequesting = true;
        if (event.attempt > 3) violate("a token request is repeated twice at most");
        break;
      case "token_request_failed":
        isRequesting = event.retryIn !== undefined;
        break;
      case "token_refresh_failed":
        wasInvalidated = false;
        refreshFailedAt = time.now().monotonic;
        break;
      case "token_rejected":
        if (event.renewing) {
          isRenewing = true;
          if (held !== undefined) held.isRejected = true;
        } else if (held !== undefined && renewedAt === Number.NEGATIVE_INFINITY) {
          violate("a rejected token is renewed at once, unless it was rejected right after its renewal");
        }
        break;
      case "token_received":
        isRequesting = false;
        obtained(arriving, false);
        break;
      case "token_shared":
        judgeShared();
        obtained(readFromStore, true);
    }
  }

  function judgeShared(): void {
    if (readFromStore === undefined) return;
    if (held?.isRejected && !isStepped && readFromStore.sentAt.wall < held.token.sentAt.wall) {
      violate("what was stored before a token that was rejected does not take its place");
    }
    // Revoked while it lay there: that costs the call that takes it.
    if (readFromStore.revoked) world.fault();
    // Monotonic clocks of two processes do not compare.
    readFromStore.sentAt = { wall: readFromStore.sentAt.wall, monotonic: Number.POSITIVE_INFINITY };
  }

  function obtained(token: Issued | undefined, isShared: boolean): void {
    if (token === undefined) return;
    refusal = undefined;
    refreshFailedAt = Number.NEGATIVE_INFINITY;
    keep(token, isShared);
  }

  function keep(token: Issued, isShared: boolean): void {
    const { monotonic } = time.now();
    // One from the store may have been revoked with its predecessor, and is no reason to wait with the next.
    if (isRenewing && !isShared) renewedAt = monotonic;
    if (monotonic < uncertainUntil) {
      held = undefined;
      return;
    }
    if (wasInvalidated) {
      // It is not kept, and another is requested.
      wasInvalidated = false;
      return;
    }
    isRenewing = false;
    // A store that hangs delays what is kept, for less than a second.
    if (scenario.hasStore && world.storeMode === "hangs") held = undefined;
    else if (token.lifetime > 0) held = { token, isStale: false, isForced: false, isRejected: false };
    else if (held?.isForced || held?.isRejected) held = undefined;
  }

  function watch(source: TokenSource): TokenSource {
    return {
      invalidate: () => source.invalidate(),
      accepted: (token) => source.accepted(token),
      getToken(query = {}) {
        const now = time.now();
        const before = held;
        const isRejected = query.rejected !== undefined && query.rejected.value === before?.token.value;
        const isPlain = !query.forceRefresh && !isRejected;
        const newest = before?.token.order ?? 0;
        if (before !== undefined) {
          before.isForced ||= query.forceRefresh === true;
          before.isStale ||= ended(before.token, 0.75 * before.token.lifetime, now);
        }
        const answer = source.getToken(query);
        if (scenario.isConfined && query.waitUntil === undefined && !(answer instanceof AccessToken)) {
          beUncertain(2 * tokenTimeout + storeAllowance);
        }
        if (isPlain && before !== undefined && !ended(before.token, hardEnd(before.token), now)) {
          const isHeld = answer instanceof AccessToken && answer.value === before.token.value;
          if (!isHeld) violate("who asks while a good token is held gets it at once");
        }
        // Where a request is under way already, no event tells of it.
        if (isRejected && before !== undefined && answer instanceof Promise) before.isRejected = true;
        if (!(answer instanceof AccessToken)) return watched(answer, query, newest);
        if (isInvalidated(answer.value, firstValid))
          violate("a token that was invalidated is not handed out");
        return answer;
      },
    };
  }

  async function watched(
    answer: Promise<AccessToken>,
    { signal }: TokenQuery,
    newest: number,
  ): Promise<AccessToken> {
    const waiter: Waiter = { since: time.now().monotonic, signal, isAlive: requestsOfWorker.isAlive() };
    waiters.add(waiter);
    const valid = firstValid;
    try {
      const token = await answer;
      // Invalidated faster than tokens arrive, it is handed out to those who wait.
      if (invalidations < 3 && isInvalidated(token.value, valid)) {
        violate("a token that was invalidated before it was asked for is not handed out");
      }
      const order = issued.get(token.value)?.order;
      if (order === undefined) violate("every token that is handed out was granted");
      else if (order < newest && !scenario.hasStore) violate("no older token takes the place of a newer one");
      return token;
    } catch (error) {
      if (error instanceof Aborted && error !== signal?.reason) {
        violate("an abort rejects its own waiter alone");
      }
      if (!(error instanceof Aborted)) wasInvalidated = false;
      throw error;
    } finally {
      if (waiter.isAlive()) judgeWait(waiter);
      waiters.delete(waiter);
    }
  }

  function isInvalidated(value: string, valid: number): boolean {
    return !scenario.hasStore && (issued.get(value)?.request ?? Number.POSITIVE_INFINITY) < valid;
  }

  function check(): void {
    for (const waiter of waiters) {
      if (!waiter.isAlive()) {
        waiters.delete(waiter);
        continue;
      }
      if (waiter.signal?.aborted) violate("who aborts is rejected at once");
      judgeWait(waiter);
    }
  }

  function judgeWait({ since }: Waiter): void {
    // What waitUntil kept may die all the same, and those who wait for it only see that after its time. What a store
    // that hangs holds up for longer is taken for dead as well.
    const given = 1 + hardKills + (scenario.isConfined && scenario.hasStore ? 1 : 0);
    const limit = given * tokenTimeout + (scenario.hasStore ? storeAllowance : 0);
    if (time.now().monotonic - since > limit) violate("no one waits longer than timeout.token");
  }

  return world;
}

/** The reason of an abort by a caller. */
export class Aborted extends Error {}

/** `expires_in` as design and RFC 6749 §5.1 have it read, in ms. */
function lifetimeOf(expiresIn: number | string | undefined): number {
  const seconds = typeof expiresIn === "string" && expiresIn !== "" ? Number(expiresIn) : expiresIn;
  if (typeof seconds !== "number" || !Number.isFinite(seconds)) return 300_000;
  return Math.min(Math.max(seconds, 0), 86_400) * 1_000;
}

/** ms of its life after which a token is not used for a new call. */
function hardEnd({ lifetime }: Issued): number {
  return lifetime - Math.min(5_000, lifetime * 0.1);
}

function ended({ sentAt }: Issued, age: number, now: Instant): boolean {
  return now.wall >= sentAt.wall + age || now.monotonic >= sentAt.monotonic + age;
}

function json(status: number, body: object, headers: Record<string, string> = {}): TokenResponse {
  return { status, headers: new Headers(headers), body: JSON.stringify(body) };
}
