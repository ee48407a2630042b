import fc from "fast-check";

/** A rule that holds whatever comes in, with what makes the inputs. */
export interface Property<Input = unknown> {
  /** For `--only`. */
  readonly name: string;
  readonly rule: string;
  readonly inputs: fc.Arbitrary<Input>;
  /** Tells what became of an input, such as "admitted". Throws where the rule is broken. */
  check(input: Input): string | Promise<string>;
  /** The least share of all runs that each of these has to be: without them the rule is hardly tried. */
  readonly shares: Readonly<Record<string, number>>;
  /** Of how many runs that are asked for one is made, where one takes long. Default 1. */
  readonly oneIn?: number;
}

/** Runs of a property, in batches of which each has its own seed. */
export interface Runs {
  readonly runs: number;
  readonly seed: number;
  /** Where in the first batch the counterexample is that is to be shown again. */
  readonly path?: string | undefined;
}

export interface Outcome {
  readonly runs: number;
  /** How many inputs became what. */
  readonly counts: Readonly<Record<string, number>>;
  readonly failure: Failure | undefined;
}

export interface Failure {
  /** Counted from 1 over all batches. */
  readonly run: number;
  readonly seed: number;
  readonly path: string | undefined;
  readonly reason: string;
  /** The smallest input that breaks the rule. */
  readonly input: string;
}

const batch = 1_000;

/** Runs a property until it fails or the runs are done. `onBatch` is told how many are. */
export async function runProperty<Input>(
  { inputs, check, shares }: Property<Input>,
  { runs, seed, path }: Runs,
  onBatch: (done: number) => void = () => {},
): Promise<Outcome> {
  const counts: Record<string, number> = {};
  const counted = fc.asyncProperty(inputs, async (input) => {
    const what = await check(input);
    counts[what] = (counts[what] ?? 0) + 1;
  });
  for (let done = 0, at = seed; done < runs; at++) {
    const result = await fc.check(counted, {
      seed: at,
      numRuns: Math.min(batch, runs - done),
      ...(path !== undefined && { path }),
    });
    done += result.numRuns;
    if (result.failed) {
      const failure = {
        run: done,
        seed: at,
        path: result.counterexamplePath ?? undefined,
        reason: String(result.errorInstance),
        input: fc.stringify(result.counterexample?.[0]),
      };
      return { runs: done, counts, failure };
    }
    if (path !== undefined) return { runs: done, counts, failure: undefined };
    onBatch(done);
  }
  const scarce = Object.entries(shares).find(([what, share]) => (counts[what] ?? 0) < share * runs);
  if (scarce === undefined) return { runs, counts, failure: undefined };
  const reason = `too few inputs were ${scarce[0]}: ${JSON.stringify(counts)}`;
  return { runs, counts, failure: { run: runs, seed, path: undefined, reason, input: "" } };
}
