import { ratioBudget } from "../budget.ts";
import { openField } from "../field.ts";
import type { Verdict } from "../outcome.ts";
import { playRounds } from "../rounds.ts";
import { peersBelow, standingsChart, standingsTable } from "../standings.ts";
import { compareTo, median, ratioOf } from "../statistics.ts";
import type { Task } from "../task.ts";

const floor = "promise-cache";
const callers = 10_000;
const tokenLatency = 50;

export const cold: Task = {
  name: "cold",
  title: "A cold start",
  about: `${callers.toLocaleString("en-US")} callers ask a new client for its token at once, and the token endpoint takes ${tokenLatency} ms: how many
token requests are sent, and ms until everyone has a token. The floor is one promise that all share. Each turn
has a server and a process of its own, warmed up by two small cold starts, since some peers leave 10,000 connections.`,
  rounds: 10,
  async run(run) {
    const requests = new Map<string, number[]>();
    const failures = new Map<string, number[]>();
    const participants = run.contenders.map(({ name }) => ({
      name,
      async turn() {
        const { ms, failed, tokenRequests } = await startCold(name);
        push(requests, name, tokenRequests);
        push(failures, name, failed);
        return ms;
      },
    }));
    const samples = await playRounds(participants, run.rounds, (round) => {
      run.say(`round ${round} of ${run.rounds}`);
    });
    const standings = compareTo(floor, samples);
    const again = ratioOf(`${floor} again`, floor, samples);
    const table = standingsTable(standings, run.contenders, { column: "All have a token, ms", floor });
    const sent = (name: string) => median(requests.get(name) ?? []);
    const lost = (name: string) => Math.max(...(failures.get(name) ?? []));
    return {
      summary: `${samples.has("get") ? `${sent("get")} token request(s), ${ratioOf("get", floor, samples).toFixed(2)} × ${floor}, ` : ""}A/A ${again.toFixed(3)}, ${run.rounds} rounds`,
      again,
      rounds: run.rounds,
      verdicts: [...oneRequest(requests.get("get")), ...ratioBudget(samples, "get", floor, 1.2)],
      tables: [
        {
          columns: [...table.columns, "Token requests", "Callers without"],
          rows: table.rows.map((row) => [...row, sent(String(row[0])), lost(String(row[0]))]),
        },
      ],
      charts: [
        standingsChart(standings, run.contenders, {
          name: "cold",
          title: "A cold start",
          unit: `time, × ${floor}`,
        }),
      ],
      notes: [peersBelow("get", standings, run.contenders, "served everyone sooner")],
    };
  },
};

async function startCold(name: string) {
  const { server, process, origin, close } = await openField(name);
  try {
    for (const _ of ["once", "again"]) {
      await process.ask("coldStart", callers / 10);
      await process.ask("setUp", name, origin);
    }
    await server.ask("configure", { tokenLatency });
    const outcome = await process.ask("coldStart", callers);
    return { ...outcome, tokenRequests: (await server.ask("counts")).tokenRequests };
  } finally {
    await close();
  }
}

function push(values: Map<string, number[]>, name: string, value: number): void {
  const list = values.get(name) ?? [];
  list.push(value);
  values.set(name, list);
}

function oneRequest(requests: readonly number[] | undefined): Verdict[] {
  if (requests === undefined) return [];
  const most = Math.max(...requests);
  return [{ budget: "1 token request for all callers", measured: String(most), holds: most === 1 }];
}
