import { ratioBudget } from "../budget.ts";
import { openField } from "../field.ts";
import { playRounds } from "../rounds.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, ratioOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const floor = "undici.request";
const turn = { ms: 500, concurrency: 20, batch: 1 };
const warmUp = { ...turn, ms: 1_500 };

export const call: Task = {
  name: "call",
  title: "CPU per call",
  about: `What one authorized call costs the client, up to the parsed JSON of about 1 kB: user and system CPU time of
all threads of its process, ${turn.concurrency} calls at a time. Floors send a constant Authorization header. A contender with \`+signal\` has a
fresh AbortSignal for each call; \`get/express\` and its sisters pass the adapter's middleware before each call, without the
framework.`,
  rounds: 10,
  async run({ contenders, rounds, say }) {
    const field = await openField(contenders);
    try {
      for (const { name, process } of field.entrants) {
        say(`warming up ${name}`);
        await process.ask("callCpu", warmUp);
      }
      const samples = await playRounds(
        field.entrants.map(({ name, process }) => ({ name, turn: () => process.ask("callCpu", turn) })),
        rounds,
        (round) => say(`round ${round} of ${rounds}`),
      );
      const standings = compareTo(floor, samples);
      const again = ratioOf(`${floor} again`, floor, samples);
      const ours = standings.find(({ name }) => name === "get");
      return {
        summary: `${ours === undefined ? "" : `get() ${ours.ratio.toFixed(3)} × ${floor}, `}A/A ${again.toFixed(3)}, ${rounds} rounds`,
        again,
        rounds,
        verdicts: [
          ...ratioBudget(samples, "get", floor, 1),
          ...ratioBudget(samples, "get+signal", `${floor}+signal`, 1),
          ...ratioBudget(samples, "fetch", "globalThis.fetch", 1.05),
        ],
        tables: [standingsTable(standings, contenders, { column: "CPU per call, µs", floor })],
        charts: [
          standingsChart(standings, contenders, { name: "call", title: "CPU per call", unit: `× ${floor}` }),
        ],
        notes: [peersBelow("get", standings, contenders, "cost less CPU")],
      };
    } finally {
      await field.close();
    }
  },
};
