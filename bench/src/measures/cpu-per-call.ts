/** `batch`: calls between two looks at the clock, for calls that cost about as much as the look. */
export interface Turn {
  readonly ms: number;
  readonly concurrency: number;
  readonly batch: number;
}

/** User and system CPU time of this process, all of its threads, in µs per call, over a turn of at least `ms`. */
export async function cpuPerCall(
  call: () => Promise<unknown>,
  { ms, concurrency, batch }: Turn,
): Promise<number> {
  let calls = 0;
  const before = process.cpuUsage();
  const end = performance.now() + ms;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < end) {
        for (let index = 0; index < batch; index++) await call();
        calls += batch;
      }
    }),
  );
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}
