export interface BoundaryOutcome {
  readonly calls: number;
  readonly failed: number;
  /** Calls that took longer than `patience`: they waited for a token. */
  readonly waited: number;
  /** ms, of the calls that succeeded. */
  readonly p99: number;
}

/** `calls` calls, `concurrency` at a time, while tokens run out; stops after `maxMs`. A call that throws has failed. */
export async function callAcrossBoundaries(
  call: () => Promise<unknown>,
  {
    calls,
    concurrency,
    patience,
    maxMs,
  }: {
    readonly calls: number;
    readonly concurrency: number;
    readonly patience: number;
    readonly maxMs: number;
  },
): Promise<BoundaryOutcome> {
  const end = performance.now() + maxMs;
  const durations: number[] = [];
  let begun = 0;
  let failed = 0;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (begun < calls && performance.now() < end) {
        begun++;
        const startedAt = performance.now();
        try {
          await call();
          durations.push(performance.now() - startedAt);
        } catch {
          failed++;
        }
      }
    }),
  );
  durations.sort((a, b) => a - b);
  return {
    calls: begun,
    failed,
    waited: durations.filter((duration) => duration > patience).length,
    p99: durations[Math.floor(durations.length * 0.99)] ?? Number.NaN,
  };
}
