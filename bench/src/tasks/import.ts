import { startProcess } from "../child-process.ts";
import { chooseCores } from "../cores.ts";
import type { ImportQuestions } from "../import-process.ts";
import { playRounds } from "../rounds.ts";
import { startServer } from "../server.ts";
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
    const core = chooseCores().contenders;
    const server = await startServer();
    const wall = new Map<string, number[]>(run.contenders.map(({ name }) => [name, []]));
    const modules = new Map<string, number>();
    const inNewProcess = async <T>(
      use: (process: Awaited<ReturnType<typeof start>>) => Promise<T>,
    ): Promise<T> => {
      const process = await start(core);
      return use(process).finally(() => process.stop());
    };
    try {
      for (const { name } of run.contenders) {
        run.say(`counting the modules of ${name}`);
        modules.set(name, await inNewProcess((process) => process.ask("modulesLoaded", name, server.origin)));
      }
      const participants = run.contenders.map(({ name }) => ({
        name,
        async turn() {
          const { ms, cpuMs } = await inNewProcess((process) =>
            process.ask("firstCall", name, server.origin),
          );
          wall.get(name)?.push(ms);
          return cpuMs;
        },
      }));
      const samples = await playRounds(participants, run.rounds, (round) =>
        run.say(`round ${round} of ${run.rounds}`),
      );
      const standings = compareTo(floor, samples);
      const again = ratioOf(`${floor} again`, floor, samples);
      const table = standingsTable(standings, run.contenders, { column: "CPU, ms", floor });
      const ours = samples.has("get")
        ? `get() ${ratioOf("get", floor, samples).toFixed(2)} × ${floor}, `
        : "";
      return {
        summary: `${ours}A/A ${again.toFixed(3)}, ${run.rounds} rounds`,
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
    } finally {
      await server.close();
    }
  },
};

function start(core: number | undefined) {
  return startProcess<ImportQuestions>("import-process.ts", { core });
}
