import type { Verdict } from "./outcome.ts";
import { ratioOf, type Samples } from "./statistics.ts";

/** Whether one keeps to `limit` times another, round by round; nothing where one of them did not run. */
export function ratioBudget(samples: Samples, name: string, floor: string, limit: number): Verdict[] {
  if (!samples.has(name) || !samples.has(floor)) return [];
  const ratio = ratioOf(name, floor, samples);
  return [
    {
      budget: `${name} ≤ ${limit.toFixed(2)} × ${floor}`,
      measured: ratio.toFixed(3),
      holds: ratio <= limit,
    },
  ];
}
