/** How long an answer takes, in ms: log-normal, as network services are, through these two points. */
export interface Latency {
  readonly median: number;
  readonly p99: number;
}

/** How many standard deviations the 99th percentile of a normal distribution is from its mean. */
const deviationsToP99 = 2.326;

export function drawLatency({ median, p99 }: Latency): number {
  // Box and Muller: two even numbers make a normal one.
  const normal = Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  return median * (p99 / median) ** (normal / deviationsToP99);
}
