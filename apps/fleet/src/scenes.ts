import { setTimeout as sleep } from "node:timers/promises";
import type { LoggedRequest } from "@personify-auth/emulator";
import { type Load, lifetime, type Member, type Stage } from "./stage.ts";

/** What was counted in a scene. */
export interface Scene {
  readonly name: string;
  /** Whether Redis and all processes were well, so that one token request per lifetime is due. */
  readonly healthy: boolean;
  readonly calls: number;
  readonly failedCalls: number;
  readonly causes: readonly string[];
  /** Those that were granted, or were to be. */
  readonly tokenRequests: number;
  /** Those that were refused: the secret was no longer right. */
  readonly refused: number;
  readonly lifetimes: number;
}

/** A token is refreshed when three quarters of its life have passed, or later. */
const soonestTurnover = 0.7 * lifetime * 1_000;

/** Plays all scenes, each beginning where the one before has left the fleet. */
export async function* playScenes(stage: Stage): AsyncGenerator<Scene> {
  const { emulator, redis, members } = stage;

  async function play(name: string, healthy: boolean, scene: () => Promise<Load>): Promise<Scene> {
    emulator.clearRequests();
    const { calls, failed, causes } = await scene();
    const requests = emulator.requests({ kind: "token" });
    const refused = requests.filter(({ error }) => error !== undefined);
    const rest = requests.filter((each) => !refused.includes(each));
    return {
      name,
      healthy,
      calls,
      failedCalls: failed,
      causes: [...causes].map(([cause, count]) => `${cause}: ${count}`),
      tokenRequests: rest.length,
      refused: refused.length,
      lifetimes: countLifetimes(rest),
    };
  }

  const pass = (lifetimes: number) => sleep(lifetimes * lifetime * 1_000);

  yield await play("cold start of all at once", true, async () => {
    await Promise.all(members.map(({ start }) => start()));
    return await stage.wave(25);
  });

  yield await play("turnover", true, () => stage.underLoad(() => pass(3)));

  yield await play("Redis killed", false, () =>
    stage.underLoad(async () => {
      await redis.kill();
      await pass(2);
    }),
  );

  yield await play("Redis started again, empty", false, () =>
    stage.underLoad(async () => {
      await redis.start();
      await pass(2);
    }),
  );

  yield await play("turnover after that", true, () => stage.underLoad(() => pass(2)));

  yield await play("Redis stalled", false, () =>
    stage.underLoad(async () => {
      redis.signal("SIGSTOP");
      await pass(2);
      redis.signal("SIGCONT");
      await pass(1);
    }),
  );

  yield await play("secret rotated", true, () =>
    stage.underLoad(async () => {
      await stage.rotateSecret();
      await pass(2);
    }),
  );

  // Longer lives, so that no token turns over by itself while one is rejected.
  stage.setLifetime(3_600);
  await stage.underLoad(() => pass(1));

  yield await play("a token rejected early", true, () =>
    stage.underLoad(async () => {
      emulator.tokens.revoke();
      await sleep(1_000);
    }),
  );

  yield await play("lease holder killed while it fetches", false, () =>
    stage.underLoad(async () => {
      emulator.faults.add({ on: "token", kind: "stall", before: "headers", times: 1 });
      emulator.tokens.revoke();
      const holder = await eventually("a process requests a token", () => findRequesting(stage));
      await holder.process.kill();
      await eventually("another takes its place", () => emulator.requests({ kind: "token", status: 200 })[0]);
      await holder.start();
    }),
  );
}

async function findRequesting({ members }: Stage): Promise<Member | undefined> {
  for (const member of members) if (await member.process.ask("isRequesting")) return member;
  return undefined;
}

/** Looks until there is one, for a minute or so. */
async function eventually<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (let looks = 0; looks < 6_000; looks++) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`It has not happened: ${what}`);
}

/** One that comes sooner than a token is refreshed is one too many, not the next lifetime's. */
function countLifetimes(requests: readonly LoggedRequest[]): number {
  let count = 0;
  let begun = Number.NEGATIVE_INFINITY;
  for (const { at } of requests) {
    if (at - begun < soonestTurnover) continue;
    begun = at;
    count += 1;
  }
  return count;
}
