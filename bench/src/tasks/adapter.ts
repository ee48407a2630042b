import type { RunningProcess } from "child-process";
import type { AdapterQuestions } from "../adapter-process.ts";
import { chooseCores } from "../cores.ts";
import type { Verdict } from "../outcome.ts";
import { withProcess } from "../processes.ts";
import { playRounds } from "../rounds.ts";
import { furthestFromOne, median, ratioOf, type Samples, valuesOf } from "../statistics.ts";
import type { Task, TaskRun } from "../task.ts";

const frameworks = ["express", "koa", "hono"];
const turn = { ms: 200, concurrency: 1, batch: 10 };
const budget = 0.5;

export const adapter: Task = {
  name: "adapter",
  title: "An adapter that is not used",
  about: `What a mounted adapter adds to a request that does not use its client: CPU time of the process, against the same app
without it. A middleware that does nothing shows how much of that is the framework's own. Requests are made inside the
process, since a network's cost would hide the difference; and the apps of one framework share a process, since two
processes differ by more.`,
  rounds: 20,
  async run(run) {
    const samples = new Map<string, readonly number[]>();
    for (const framework of frameworks.filter((name) =>
      run.contenders.some((each) => each.name === `${name}+personify`),
    )) {
      for (const [name, values] of await raceInOneProcess(framework, run)) samples.set(name, values);
    }
    const rows = frameworks
      .filter((framework) => samples.has(`${framework}+personify`))
      .map((framework) => ({
        framework,
        alone: median(valuesOf(framework, samples)),
        added: added(`${framework}+personify`, framework, samples),
        noop: added(`${framework}+noop`, framework, samples),
        noise: added(`${framework} again`, framework, samples),
        again: ratioOf(`${framework} again`, framework, samples),
      }));
    const again = furthestFromOne(rows.map((row) => row.again));
    return {
      summary: rows.map((row) => `${row.framework} ${signed(row.added)} µs`).join(", "),
      again,
      rounds: run.rounds,
      verdicts: rows.map(judge),
      tables: [
        {
          columns: [
            "Framework",
            "Alone, µs per request",
            "The adapter adds, µs",
            "A no-op adds, µs",
            "The framework again, µs",
          ],
          rows: rows.map((row) => [
            row.framework,
            row.alone,
            signed(row.added),
            signed(row.noop),
            signed(row.noise),
          ]),
        },
      ],
      charts: [],
      notes: [],
    };
  },
};

function raceInOneProcess(framework: string, { contenders, rounds, say }: TaskRun): Promise<Samples> {
  const names = contenders.map(({ name }) => name).filter((name) => name.startsWith(framework));
  return withProcess(
    "adapter-process.ts",
    { core: chooseCores().contenders },
    async (process: RunningProcess<AdapterQuestions>) => {
      for (const name of names) {
        await process.ask("setUp", name);
        await process.ask("callCpu", name, { ...turn, ms: 1_000 });
      }
      const participants = names.map((name) => ({ name, turn: () => process.ask("callCpu", name, turn) }));
      return playRounds(participants, { rounds, say: (line) => say(`${framework}, ${line}`) });
    },
  );
}

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
