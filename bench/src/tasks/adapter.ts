import type { Verdict } from "../outcome.ts";
import { race } from "../race.ts";
import { median, ratioOf, type Samples, valuesOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const frameworks = ["express", "koa", "hono"];
const turn = { ms: 500, concurrency: 1, batch: 10 };
const budget = 0.5;

export const adapter: Task = {
  name: "adapter",
  title: "An adapter that is not used",
  about: `What a mounted adapter adds to a request that does not use its client: CPU time of the process, against the same app
without it. Requests are made inside the process, since a network's cost would hide the difference.`,
  rounds: 20,
  async run(run) {
    const samples = await race(run, {
      warmUp: (process) => process.ask("callCpu", { ...turn, ms: 2_000 }),
      turn: (process) => process.ask("callCpu", turn),
    });
    const rows = frameworks
      .filter((framework) => samples.has(`${framework}+personify`))
      .map((framework) => ({
        framework,
        alone: median(valuesOf(framework, samples)),
        added: added(`${framework}+personify`, framework, samples),
        noise: added(`${framework} again`, framework, samples),
        again: ratioOf(`${framework} again`, framework, samples),
      }));
    // The one that agrees least with itself speaks for all.
    const again = rows
      .map((row) => row.again)
      .reduce((worst, each) => (Math.abs(each - 1) > Math.abs(worst - 1) ? each : worst), 1);
    return {
      summary: `${rows.map((row) => `${row.framework} ${signed(row.added)} µs`).join(", ")}, A/A ${again.toFixed(3)}, ${run.rounds} rounds`,
      again,
      rounds: run.rounds,
      verdicts: rows.map(judge),
      tables: [
        {
          columns: ["Framework", "Alone, µs per request", "Adapter adds, µs", "The framework again, µs"],
          rows: rows.map((row) => [row.framework, row.alone, signed(row.added), signed(row.noise)]),
        },
      ],
      charts: [],
      notes: [],
    };
  },
};

/** Median over the rounds of what one took more than the other in the same round. */
function added(name: string, base: string, samples: Samples): number {
  const bases = valuesOf(base, samples);
  return median(valuesOf(name, samples).map((value, round) => value - (bases[round] ?? Number.NaN)));
}

function judge({ framework, added }: { readonly framework: string; readonly added: number }): Verdict {
  return {
    budget: `${framework}: ≤ ${budget} µs`,
    measured: `${signed(added)} µs`,
    holds: added <= budget,
  };
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}
