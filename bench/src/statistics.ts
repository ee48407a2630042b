/** The middle value, or the mean of the two in the middle. Throws where there is none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear between neighbours, as most tools do it. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) throw new RangeError("No values to take a quantile of");
  return below + (above - below) * (position - Math.floor(position));
}

/** The value of each participant in each round. */
export type Samples = ReadonlyMap<string, readonly number[]>;

export interface Standing {
  readonly name: string;
  readonly value: number;
  /** Median over the rounds of this one's value by the floor's in the same round. */
  readonly ratio: number;
  /** The middle half of those ratios. */
  readonly low: number;
  readonly high: number;
}

/** Where each participant stands against the floor, lowest first. */
export function compareTo(floor: string, samples: Samples): Standing[] {
  const standings = [...samples].map(([name, values]) => {
    const ratios = ratiosTo(floor, name, samples);
    return {
      name,
      value: median(values),
      ratio: median(ratios),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
    };
  });
  return standings.sort((a, b) => a.ratio - b.ratio);
}

export function ratioOf(name: string, floor: string, samples: Samples): number {
  return median(ratiosTo(floor, name, samples));
}

function ratiosTo(floor: string, name: string, samples: Samples): number[] {
  const floors = valuesOf(floor, samples);
  const values = valuesOf(name, samples);
  if (values.length !== floors.length) throw new RangeError(`${name} and ${floor} have not run as often`);
  return values.map((value, round) => value / (floors[round] ?? Number.NaN));
}

export function valuesOf(name: string, samples: Samples): readonly number[] {
  const values = samples.get(name);
  if (values === undefined) throw new RangeError(`${name} did not run`);
  return values;
}

/** Of floors that each ran twice, the ratio that agrees least: it speaks for all. */
export function furthestFromOne(ratios: readonly number[]): number {
  return ratios.reduce((worst, each) => (Math.abs(each - 1) > Math.abs(worst - 1) ? each : worst), 1);
}

/** Whether two runs of the same thing agree well enough for the differences between others to mean something. */
export function isValid(again: number): boolean {
  return again >= 0.97 && again <= 1.03;
}
