import type { RunningProcess } from "child-process";
import { chooseCores } from "../cores.ts";
import type { ImportQuestions } from "../import-process.ts";
import { withProcess, withServer } from "../processes.ts";
import { playRounds } from "../rounds.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, median, ratioOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const floor = "undici.request";

export const importTask: Task = {
  name: "import",
  title: "Import and first call",
  about: `From a Node process that is up to the answer of its first call: the import, the first token and the call. CPU time and
wall time of the process, a new one for each turn; and how many files of packages were loaded.`,
  rounds: 10,
  async run(run) {
    const wall = new Map<string, number[]>(run.contenders.map(({ name }) => [name, []]));
    const modules = new Map<string, number>();
    const samples = await withServer(async (origin) => {
      for (const { name } of run.contenders) {
        run.say(`counting the modules of ${name}`);
        modules.set(name, await inNewProcess((process) => process.ask("modulesLoaded", name, origin)));
      }
      const participants = run.contenders.map(({ name }) => ({
        name,
        async turn() {
          const { ms, cpuMs } = await inNewProcess((process) => process.ask("firstCall", name, origin));
          wall.get(name)?.push(ms);
          return cpuMs;
        },
      }));
      return playRounds(participants, run);
    });
    const standings = compareTo(floor, samples);
    const again = ratioOf(`${floor} again`, floor, samples);
    const table = standingsTable(standings, run.contenders, { column: "CPU, ms", floor });
    const ours = samples.has("get") ? `get() ${ratioOf("get", floor, samples).toFixed(2)} × ${floor}` : "";
    return {
      summary: ours,
      again,
      rounds: run.rounds,
      verdicts: [],
      tables: [
        {
          columns: [...table.columns, "Wall, ms", "Files loaded"],
          rows: table.rows.map((row) => {
            const name = String(row[0]);
            return [...row, median(wall.get(name) ?? []), modules.get(name) ?? 0];
          }),
        },
      ],
      charts: [
        standingsChart(standings, run.contenders, {
          name: "import",
          title: "Import and first call",
          unit: `CPU, × ${floor}`,
        }),
      ],
      notes: peersBelow("get", standings, run.contenders, "start at less CPU"),
    };
  },
};

function inNewProcess<T>(use: (process: RunningProcess<ImportQuestions>) => Promise<T>): Promise<T> {
  return withProcess("import-process.ts", { core: chooseCores().contenders }, use);
}
