import type { AccessToken } from "../../token/access-token.ts";
import type { TokenRequest, TokenResponse } from "../../token/token-endpoint.ts";
import { createTokenSource } from "../../token/token-source.ts";
import { memoryTokenStore, type TokenStore } from "../../token/token-store.ts";
import { randomNumbers } from "../random-numbers.test.support.ts";
import { endpoint, storeAllowance, tokenTimeout } from "../source-setup.test.support.ts";
import { installVirtualTime, later } from "../virtual-time.test.support.ts";
import { drawLatency } from "./latency.test.support.ts";
import { createSharedStore, type StoreModel } from "./shared-store.test.support.ts";

/** What happens to a fleet. Times in ms. */
export interface Scene {
  readonly name: string;
  /** Left out where each process is on its own. */
  readonly store?: StoreModel;
  /** The processes start within this time. */
  readonly startWithin: number;
  /** Their wall clocks are wrong by up to this, either way. */
  readonly clockSkew?: number;
  /** While the store hangs; it is empty afterwards. */
  readonly outage?: { readonly from: number; readonly until: number };
  /** The process that requests the first token dies before the answer comes. */
  readonly holderDies?: boolean;
}

/** What a fleet did. Times in ms. */
export interface FleetReport {
  /** Token requests for the first token, and for each that took its place. */
  readonly requests: readonly number[];
  /** From a process's first call to its token. */
  readonly firstToken: { readonly median: number; readonly p99: number; readonly max: number };
  /** Calls of the store in a second: the most at the start, and in the turnovers after that. */
  readonly storeCalls: {
    readonly startPeak: number;
    readonly turnoverPeak: number;
    readonly turnoverMean: number;
  };
  /** The rules that were broken. */
  readonly violations: readonly string[];
}

interface Member {
  isDead: boolean;
  /** ms that its wall clock is ahead. */
  readonly skew: number;
  /** Whether the store failed it since it last obtained a token. */
  hasFailed: boolean;
  /** ms from its first call to its first token. */
  firstToken: number | undefined;
  /** The order of the newest token that it was handed. */
  newest: number;
}

export const lifetime = 3_600_000;
/** The least share of its life after which a token is refreshed. */
const soonest = 0.75;
/** How long a fleet is watched: its first token and the three that take its place. */
const watched = 4 * soonest * lifetime;
/** Within this, whoever waits has seen a token that arrived. */
const delivery = 1_000;
const endpointLatency = { median: 250, p99: 1_000 };
/** Between two calls of a process, where it matters when it calls: on average. */
const callGap = 10_000;
/** By then the first token has long arrived. */
const startEnds = 120_000;

/**
 * Runs a fleet of real token sources over its first token and three turnovers, on virtual time. `createEngine` makes
 * what keeps tokens and leases behind the modelled store.
 */
export async function runFleet(
  scene: Scene,
  size: number,
  seed: number,
  createEngine: () => TokenStore = memoryTokenStore,
): Promise<FleetReport> {
  const time = installVirtualTime(randomNumbers(seed), () => () => true);
  try {
    const fleet = createFleet(scene, size, createEngine);
    await time.pass(watched);
    return fleet.report();
  } finally {
    time.restore();
  }
}

function createFleet(scene: Scene, size: number, createEngine: () => TokenStore) {
  const { clockSkew = 0, holderDies = false } = scene;
  const startedAt = performance.now();
  const store = scene.store && createSharedStore(scene.store, createEngine, scene.outage);
  const violations = new Set<string>();
  /** When each token was requested, ms from the start: its index is the token's order. */
  const requests: number[] = [];
  /** When its answer was sent, likewise. */
  const answers: number[] = [];
  /** Requests beyond one for each lifetime that a fault excuses. */
  let excused = holderDies || scene.outage !== undefined ? 1 : 0;

  function sendToken(member: Member) {
    return async ({ signal }: TokenRequest): Promise<TokenResponse> => {
      const order = requests.push(performance.now() - startedAt) - 1;
      member.isDead = holderDies && order === 0;
      await later(member.isDead ? Number.POSITIVE_INFINITY : drawLatency(endpointLatency), signal);
      answers[order] = performance.now() - startedAt;
      const body = { access_token: `token-${order}`, token_type: "Bearer", expires_in: lifetime / 1_000 };
      return { status: 200, headers: new Headers(), body: JSON.stringify(body) };
    };
  }

  function createSource(member: Member) {
    return createTokenSource({
      endpoint,
      clientSecret: "fleet-secret",
      send: sendToken(member),
      createSeal: async () => plainSeal,
      store: store?.seenBy({
        isDead: () => member.isDead,
        onTimeout(operation) {
          member.hasFailed = true;
          // Others look for what was not stored.
          if (operation === "set") excused += 1;
        },
      }),
      timeout: tokenTimeout,
      clock: { now: () => ({ wall: Date.now() + member.skew, monotonic: performance.now() }) },
      emit(event) {
        if (event.type === "token_requested" && member.hasFailed) excused += 1;
        if (event.type === "token_received" || event.type === "token_shared") member.hasFailed = false;
      },
      confined: false,
    });
  }

  /** Calls whenever that can make a difference: from the moment on when its token may be refreshed. */
  async function live(member: Member): Promise<void> {
    const source = createSource(member);
    await later(Math.random() * scene.startWithin);
    while (!member.isDead) {
      const token = await call(member, source.getToken());
      const softEnd = token === undefined ? 0 : token.expiresAt - (1 - soonest) * lifetime;
      await later(Math.max(softEnd - Date.now() - member.skew, callGap * 2 * Math.random()));
    }
  }

  async function call(member: Member, answer: AccessToken | Promise<AccessToken>) {
    const askedAt = performance.now();
    if (member.firstToken !== undefined && answer instanceof Promise) {
      violations.add("who holds a token does not wait for the next");
    }
    const token = await Promise.resolve(answer).catch(() => undefined);
    if (member.isDead) return undefined;
    const waited = performance.now() - askedAt;
    if (waited > tokenTimeout + storeAllowance) violations.add("no one waits longer than timeout.token");
    if (token === undefined) {
      violations.add("a process gets a token within timeout.token");
      return undefined;
    }
    member.firstToken ??= waited;
    const order = Number(token.value.replace("token-", ""));
    const arrived = Math.max(askedAt - startedAt, answers[order] ?? 0);
    if (performance.now() - startedAt > arrived + delivery) {
      violations.add("a token reaches everyone who waits within a second");
    }
    if (order < member.newest) violations.add("no older token takes the place of a newer one");
    member.newest = Math.max(member.newest, order);
    return token;
  }

  const members = Array.from({ length: size }, (): Member => {
    const skew = (2 * Math.random() - 1) * clockSkew;
    return { isDead: false, skew, hasFailed: false, firstToken: undefined, newest: 0 };
  });
  for (const member of members) void live(member);

  function report(): FleetReport {
    const perLifetime = countByLifetime(requests, soonest * lifetime - 2 * clockSkew);
    if (store !== undefined && requests.length - perLifetime.length > excused) {
      violations.add("a fleet requests one token for each lifetime, and one more for each fault");
    }
    const living = members.filter(({ isDead }) => !isDead);
    const firstTokens = living.flatMap(({ firstToken }) => firstToken ?? []).sort((a, b) => a - b);
    if (firstTokens.length < living.length) violations.add("a process gets a token within timeout.token");
    const at = (share: number) => firstTokens[Math.ceil(share * firstTokens.length) - 1] ?? Number.NaN;
    const { total, peak } = store?.operations ?? { total: () => 0, peak: () => 0 };
    return {
      requests: perLifetime,
      firstToken: { median: at(0.5), p99: at(0.99), max: at(1) },
      storeCalls: {
        startPeak: peak(0, startEnds),
        turnoverPeak: peak(startEnds, watched),
        turnoverMean: total(startEnds, watched) / ((watched - startEnds) / 1_000),
      },
      violations: [...violations],
    };
  }

  return { report };
}

/** Requests that are less than a refresh apart are for the same token. */
function countByLifetime(requests: readonly number[], refresh: number): number[] {
  const counts: number[] = [];
  let opened = Number.NEGATIVE_INFINITY;
  for (const at of requests) {
    if (at < opened + refresh) {
      counts.push((counts.pop() ?? 0) + 1);
    } else {
      counts.push(1);
      opened = at;
    }
  }
  return counts;
}

/** Real encryption is too slow for 10,000 processes, and needs more than turns of the event loop. */
const plainSeal = {
  keyId: "key",
  seal: async (text: string) => text,
  unseal: async (text: string) => text,
};
