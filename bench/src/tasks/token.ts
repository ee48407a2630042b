import { ratioBudget } from "../budget.ts";
import { race } from "../race.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, ratioOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const floor = "async-constant";
const turn = { ms: 300, concurrency: 1, batch: 100 };

export const token: Task = {
  name: "token",
  title: "A token from the cache",
  about: `What \`getAccessToken()\` costs where the token is good, one call after the other: CPU time of the process. The
floor is a bare async function; \`two-clocks\` looks at the monotonic and the wall clock too, which is the least that
a token's expiry needs here. Peers that hand out no token are not in it.`,
  rounds: 10,
  async run(run) {
    const samples = await race(run, async (process) => {
      await process.ask("tokenCpu", turn);
      return process.ask("tokenCpu", turn);
    });
    const standings = compareTo(floor, samples);
    const again = ratioOf(`${floor} again`, floor, samples);
    const ours = samples.has("get")
      ? `getAccessToken() ${ratioOf("get", floor, samples).toFixed(2)} × ${floor}`
      : "";
    return {
      summary: ours,
      again,
      rounds: run.rounds,
      verdicts: ratioBudget(samples, "get", floor, 2.5),
      tables: [
        standingsTable(standings, run.contenders, { column: "CPU per token, ns", floor, scale: 1_000 }),
      ],
      charts: [
        standingsChart(standings, run.contenders, {
          name: "token",
          title: "A token from the cache",
          unit: `× ${floor}`,
        }),
      ],
      notes: peersBelow("get", standings, run.contenders, "cost less"),
    };
  },
};
