/** Bytes of V8's heap that `count` runs leave behind. Needs `--expose-gc`. */
export async function bytesRetained(run: (index: number) => unknown, count: number): Promise<number> {
  await runAll(run, 10_000);
  const before = heapInUse();
  await runAll(run, count);
  return heapInUse() - before;
}

async function runAll(run: (index: number) => unknown, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await run(index);
}

/** Bytes of V8's heap that are left after a full collection. Needs `--expose-gc`. */
export function heapInUse(): number {
  if (globalThis.gc === undefined) throw new Error("Run with --expose-gc");
  // The first may leave what only finalizers free.
  for (const _ of ["once", "again"]) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
