import { ratioBudget } from "../budget.ts";
import { race } from "../race.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, ratioOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const floor = "undici.request";
const turn = { ms: 250, concurrency: 20, batch: 1 };
/** What disturbs a process only adds to its figure, so the least of some spells is the best known. */
const spells = 3;
/** Until V8 has optimized all of it: after one second a call costs a quarter more than after two. */
const warmUp = { ...turn, ms: 2_000 };

export const call: Task = {
  name: "call",
  title: "CPU per call",
  about: `What one authorized call costs the client, up to the parsed JSON of about 1 kB: user and system CPU time of all
threads of its process, ${turn.concurrency} calls at a time. Floors send a constant Authorization header. A contender with
\`+signal\` has a fresh AbortSignal for each call; \`get/express\` and its sisters pass the adapter's middleware before
each call, without the framework. \`fetch\` sends a tenant and follows redirects itself, and the floor does neither, so that
some of its difference is what globalThis.fetch itself takes for that.`,
  rounds: 10,
  async run(run) {
    const samples = await race(run, async (process) => {
      await process.ask("callCpu", warmUp);
      const figures: number[] = [];
      for (let spell = 0; spell < spells; spell++) figures.push(await process.ask("callCpu", turn));
      return Math.min(...figures);
    });
    const standings = compareTo(floor, samples);
    const again = ratioOf(`${floor} again`, floor, samples);
    const ours = samples.has("get") ? `get() ${ratioOf("get", floor, samples).toFixed(3)} × ${floor}` : "";
    return {
      summary: ours,
      again,
      rounds: run.rounds,
      verdicts: [
        ...ratioBudget(samples, "get", floor, 1),
        ...ratioBudget(samples, "get+signal", `${floor}+signal`, 1),
        ...ratioBudget(samples, "fetch", "globalThis.fetch", 1.05),
      ],
      tables: [standingsTable(standings, run.contenders, { column: "CPU per call, µs", floor })],
      charts: [
        standingsChart(standings, run.contenders, {
          name: "call",
          title: "CPU per call",
          unit: `× ${floor}`,
        }),
      ],
      notes: peersBelow("get", standings, run.contenders, "cost less CPU"),
    };
  },
};
