import { invalidArgument } from "./invalid-argument.ts";

/** The emulator's time: real time plus what it was advanced by. Token expiry follows it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Moves the clock forward, at once and for good.
   * @param ms milliseconds, 0 or more
   * @throws TypeError when `ms` is negative or not finite
   */
  advance(ms: number): void;
}

const LATEST = Date.UTC(9999, 0);

export function createClock(): Clock {
  let offset = 0;
  const now = () => Date.now() + offset;
  return {
    now,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) throw invalidArgument("advance", "milliseconds, 0 or more", ms);
      if (now() + ms > LATEST) throw invalidArgument("advance", "a step that ends before the year 9999", ms);
      offset += ms;
    },
  };
}
