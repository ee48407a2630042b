import { ratioBudget } from "../budget.ts";
import { type Target, targetAt } from "../contender.ts";
import { type MeasuredRuntime, measuredRuntimes } from "../measures/runtime-cpu.ts";
import type { Outcome } from "../outcome.ts";
import { withServer } from "../processes.ts";
import { type Participant, playRounds } from "../rounds.ts";
import type { RuntimeSubject } from "../runtime-subjects.ts";
import { furthestFromOne, median, ratioOf, type Samples, valuesOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const plan = { concurrency: 6, warmUpCalls: 10_000, calls: 5_000 };
const limit = 1.1;
const names = measuredRuntimes.map(({ name }) => name);

export const runtimesTask: Task = {
  name: "runtimes",
  title: "Other runtimes",
  about: `Where our transport is the runtime's own \`fetch\`: CPU time of the process per call, ${plan.concurrency} calls at a time, against that bare
\`fetch\` with a constant Authorization header and tenant. Each turn has a new process. workerd runs as Miniflare starts
it, and is measured from outside, on Linux only.`,
  rounds: 10,
  async run(run) {
    const samples = await withServer((origin) => {
      const target = targetAt(origin);
      return playRounds(
        measuredRuntimes.flatMap((runtime) => participantsOf(runtime, target)),
        run,
      );
    });
    return report(samples, run.rounds);
  },
};

function participantsOf({ name, cpuPerCall }: MeasuredRuntime, target: Target): Participant[] {
  const turnOf = (subject: RuntimeSubject, again = "") => ({
    name: `${name} ${subject}${again}`,
    turn: () => cpuPerCall({ ...plan, subject, target }),
  });
  return [turnOf("fetch"), turnOf("fetch", " again"), turnOf("get"), turnOf("client.fetch")];
}

function report(samples: Samples, rounds: number): Outcome {
  const value = (runtime: string, name: string) => median(valuesOf(`${runtime} ${name}`, samples));
  const ratio = (runtime: string, name: string) => ratioOf(`${runtime} ${name}`, `${runtime} fetch`, samples);
  const again = furthestFromOne(names.map((runtime) => ratio(runtime, "fetch again")));
  const summaries = names.map((runtime) => `${runtime} ${ratio(runtime, "get").toFixed(2)}`);
  return {
    summary: `get() ${summaries.join(", ")} × fetch`,
    again,
    rounds,
    verdicts: names.flatMap((runtime) => ratioBudget(samples, `${runtime} get`, `${runtime} fetch`, limit)),
    tables: [
      {
        columns: [
          "Runtime",
          "fetch, µs",
          "get, µs",
          "× fetch",
          "client.fetch, µs",
          "× fetch",
          "fetch again, × fetch",
        ],
        rows: names.map((runtime) => [
          runtime,
          value(runtime, "fetch"),
          value(runtime, "get"),
          ratio(runtime, "get").toFixed(2),
          value(runtime, "client.fetch"),
          ratio(runtime, "client.fetch").toFixed(2),
          ratio(runtime, "fetch again").toFixed(2),
        ]),
      },
    ],
    charts: [],
    notes: [],
  };
}
