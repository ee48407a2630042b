import { GCProfiler, getHeapStatistics } from "node:v8";
import { inParallel } from "./in-parallel.ts";

/**
 * Bytes allocated on V8's heap per call: what the heap grew by, and what each garbage collection meanwhile took away.
 * V8 says both exactly. Memory outside the heap, such as a large Buffer's, is not in it.
 */
export async function bytesPerCall(
  call: () => Promise<unknown>,
  calls: number,
  concurrency: number,
): Promise<number> {
  const profiler = new GCProfiler();
  profiler.start();
  const before = getHeapStatistics().used_heap_size;
  await inParallel(call, calls, concurrency);
  const after = getHeapStatistics().used_heap_size;
  const collected = profiler
    .stop()
    .statistics.reduce(
      (sum, { beforeGC, afterGC }) =>
        sum + beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize,
      0,
    );
  return (after - before + collected) / calls;
}
