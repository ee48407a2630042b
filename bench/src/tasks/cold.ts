import { ratioBudget } from "../budget.ts";
import type { Contender } from "../contender.ts";
import type { Outcome, Verdict } from "../outcome.ts";
import { withContender, withServer } from "../processes.ts";
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
    const { contenders, rounds } = run;
    const starts = new Map<string, ColdStart[]>(contenders.map(({ name }) => [name, []]));
    const participants = contenders.map(({ name }) => ({
      name,
      async turn() {
        const start = await startCold(name);
        starts.get(name)?.push(start);
        return start.ms;
      },
    }));
    await playRounds(participants, run);
    return report(starts, contenders, rounds);
  },
};

interface ColdStart {
  /** Until everyone has a token, or has failed. */
  readonly ms: number;
  readonly failed: number;
  readonly tokenRequests: number;
}

function startCold(name: string): Promise<ColdStart> {
  return withServer((origin, server) =>
    withContender(name, origin, async (process) => {
      for (const _ of ["once", "again"]) {
        await process.ask("coldStart", callers / 10);
        await process.ask("setUp", name, origin);
      }
      await server.ask("configure", { tokenLatency });
      const outcome = await process.ask("coldStart", callers);
      return { ...outcome, tokenRequests: (await server.ask("counts")).tokenRequests };
    }),
  );
}

/** Makes of the starts of each contender an outcome. */
export function report(
  starts: ReadonlyMap<string, readonly ColdStart[]>,
  contenders: readonly Contender[],
  rounds: number,
): Outcome {
  const samples = new Map([...starts].map(([name, list]) => [name, list.map(({ ms }) => ms)]));
  const standings = compareTo(floor, samples);
  const again = ratioOf(`${floor} again`, floor, samples);
  const table = standingsTable(standings, contenders, { column: "All have a token, ms", floor });
  const sent = (name: string) => median((starts.get(name) ?? []).map(({ tokenRequests }) => tokenRequests));
  const lost = (name: string) => Math.max(...(starts.get(name) ?? []).map(({ failed }) => failed));
  // To leave callers without a token is quickly done.
  const served = standings.filter(({ name }) => lost(name) === 0);
  return {
    summary: samples.has("get")
      ? `${sent("get")} token request(s), ${ratioOf("get", floor, samples).toFixed(2)} × ${floor}`
      : "",
    again,
    rounds,
    verdicts: [...judge(starts.get("get")), ...ratioBudget(samples, "get", floor, 1.2)],
    tables: [
      {
        columns: [...table.columns, "Token requests", "Callers without"],
        rows: table.rows.map((row) => [...row, sent(String(row[0])), lost(String(row[0]))]),
      },
    ],
    charts: [
      standingsChart(standings, contenders, {
        name: "cold",
        title: "A cold start",
        unit: `time, × ${floor}`,
      }),
    ],
    notes: peersBelow("get", served, contenders, "served everyone sooner"),
  };
}

function judge(starts: readonly ColdStart[] | undefined): Verdict[] {
  if (starts === undefined) return [];
  const requests = Math.max(...starts.map(({ tokenRequests }) => tokenRequests));
  const lost = Math.max(...starts.map(({ failed }) => failed));
  return [
    {
      budget: "1 token request for all callers",
      measured: lost === 0 ? String(requests) : `${requests}, and ${lost} callers without a token`,
      holds: requests === 1 && lost === 0,
    },
  ];
}
