import { type ApiAnswer, timeOfDay } from "../server.ts";

export interface BoundaryOutcome {
  readonly calls: number;
  readonly failed: number;
  /** Calls with a token that was granted after they began: they waited for it. */
  readonly waited: number;
  /** ms, of the calls that succeeded. */
  readonly p99: number;
}

export interface BoundaryPlan {
  readonly calls: number;
  readonly concurrency: number;
  readonly maxMs: number;
}

/** ms that calls under way have to end in, once no more are begun. */
const patience = 5_000;

/** `calls` calls, `concurrency` at a time, while tokens run out; stops after `maxMs`. A call that never ends has failed. */
export async function callAcrossBoundaries(
  call: () => Promise<unknown>,
  { calls, concurrency, maxMs }: BoundaryPlan,
): Promise<BoundaryOutcome> {
  const end = performance.now() + maxMs;
  const durations: number[] = [];
  let begun = 0;
  let waited = 0;
  const callers = Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (begun < calls && performance.now() < end) {
        begun++;
        const startedAt = timeOfDay();
        try {
          // A contender may read the answer to a 401 as any other: it fails here, for want of a date.
          const { grantedAt } = (await call()) as ApiAnswer;
          if (typeof grantedAt !== "number") throw new TypeError("Not the API's list");
          if (grantedAt > startedAt) waited++;
          durations.push(timeOfDay() - startedAt);
        } catch {
          // It has no duration, which is how it is counted.
        }
      }
    }),
  );
  await Promise.race([callers, new Promise((resolve) => setTimeout(resolve, maxMs + patience).unref())]);
  durations.sort((a, b) => a - b);
  return {
    calls: begun,
    failed: begun - durations.length,
    waited,
    p99: durations[Math.floor(durations.length * 0.99)] ?? Number.NaN,
  };
}
