import type { Instant } from "../token/access-token.ts";
import { createTimerQueue } from "./timer-queue.test.support.ts";

/** Both clocks and all timers of this process, moved by hand. */
export interface VirtualTime {
  now(): Instant;
  /** Lets both clocks run for `ms`, with everything that falls due and all that follows from it. */
  pass(ms: number): Promise<void>;
  /** Moves the wall clock alone: a step by an administrator, or what a suspended machine finds on waking. */
  stepWall(ms: number): void;
  /** Gives the process its own clocks and timers back. */
  restore(): void;
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  monotonic: performance.now,
  wall: Date.now,
  random: Math.random,
};
/** 2030-01-01 */
const epoch = 1_893_456_000_000;

/** Everything that needs neither a timer nor an answer goes on. */
export function drain(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after `ms`, which may be endless; rejects with the signal's reason where it aborts before. */
export function later(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason));
    if (signal?.aborted) reject(signal.reason);
    if (Number.isFinite(ms)) setTimeout(resolve, ms);
  });
}

/**
 * Takes over from the process's clocks, its timers, and its random numbers. `isAlive` is asked as a timer is set, for
 * what tells as it falls due whether anyone is left to hear it.
 */
export function installVirtualTime(random: () => number, isAlive: () => () => boolean): VirtualTime {
  let monotonic = 1_000;
  let wallOffset = epoch;
  let timers = 0;
  const queue = createTimerQueue();
  const wall = () => monotonic + wallOffset;

  const setTimer = (run: () => void, ms = 0) => {
    const heard = isAlive();
    queue.add({ id: ++timers, due: monotonic + Math.max(0, ms), run: () => heard() && run() });
    return timers;
  };
  globalThis.setTimeout = setTimer as unknown as typeof setTimeout;
  globalThis.clearTimeout = ((id: number) => queue.remove(id)) as typeof clearTimeout;
  performance.now = () => monotonic;
  Date.now = wall;
  Math.random = random;

  return {
    now: () => ({ wall: wall(), monotonic }),
    async pass(ms) {
      await drain();
      const until = monotonic + ms;
      for (let timer = queue.takeUntil(until); timer !== undefined; timer = queue.takeUntil(until)) {
        monotonic = Math.max(monotonic, timer.due);
        timer.run();
        await drain();
      }
      monotonic = until;
    },
    stepWall(ms) {
      wallOffset += ms;
    },
    restore() {
      globalThis.setTimeout = real.setTimeout;
      globalThis.clearTimeout = real.clearTimeout;
      performance.now = real.monotonic;
      Date.now = real.wall;
      Math.random = real.random;
    },
  };
}
