import type { RunningProcess } from "child-process";
import type { Verdict } from "../outcome.ts";
import { withProcess, withServer } from "../processes.ts";
import { race } from "../race.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, median, ratioOf, valuesOf } from "../statistics.ts";
import type { Task, TaskRun } from "../task.ts";
import type { TenantsQuestions } from "../tenants-process.ts";

const floor = "undici.request";
const calls = 2_000;
const concurrency = 20;
const tenants = 1_000_000;
const perCallLimit = 16_000;
/** What a heap may differ by for reasons of its own; one byte per tenant would be as much. */
const retainedLimit = 1_000_000;

export const memory: Task = {
  name: "memory",
  title: "Memory",
  about: `Bytes that a call allocates on V8's heap: what the heap grew by over ${calls.toLocaleString("en-US")} calls, and what each garbage collection
meanwhile took away, both as V8 tells them (\`v8.GCProfiler\`). Memory outside the heap is not in it. And what is left, after
a full collection, of ${tenants.toLocaleString("en-US")} clients made by \`with({ tenantId })\`, each of which got its token and every 100th of
which made a call.`,
  rounds: 10,
  async run(run) {
    const samples = await race(run, async (process) => {
      // Optimized code allocates less, so it is made first.
      await process.ask("bytesPerCall", 5 * calls, concurrency);
      return process.ask("bytesPerCall", calls, concurrency);
    });
    const standings = compareTo(floor, samples);
    const again = ratioOf(`${floor} again`, floor, samples);
    const retained = await retainedByTenants(run);
    const perCall = samples.has("get") ? median(valuesOf("get", samples)) : undefined;
    return {
      summary: `${perCall === undefined ? "" : `get() allocates ${kilobytes(perCall)}, `}${tenants.toLocaleString("en-US")} tenants retain ${kilobytes(retained)}`,
      again,
      rounds: run.rounds,
      verdicts: [...judgeCall(perCall), judgeRetained(retained)],
      tables: [standingsTable(standings, run.contenders, { column: "kB per call", floor, scale: 0.001 })],
      charts: [
        standingsChart(standings, run.contenders, {
          name: "memory",
          title: "Allocated per call",
          unit: `× ${floor}`,
        }),
      ],
      notes: peersBelow("get", standings, run.contenders, "allocate less"),
    };
  },
};

function retainedByTenants({ say }: TaskRun): Promise<number> {
  say(`${tenants.toLocaleString("en-US")} tenants`);
  return withServer((origin) =>
    withProcess(
      "tenants-process.ts",
      { flags: ["--expose-gc"] },
      (process: RunningProcess<TenantsQuestions>) => process.ask("bytesRetainedByTenants", origin, tenants),
    ),
  );
}

function judgeCall(perCall: number | undefined): Verdict[] {
  if (perCall === undefined) return [];
  return [
    {
      budget: `get() allocates ≤ ${kilobytes(perCallLimit)} per call`,
      measured: kilobytes(perCall),
      holds: perCall <= perCallLimit,
    },
  ];
}

function judgeRetained(retained: number): Verdict {
  return {
    budget: `${tenants.toLocaleString("en-US")} × with({ tenantId }) retain nothing: less than a byte each`,
    measured: kilobytes(retained),
    holds: retained < retainedLimit,
  };
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}
