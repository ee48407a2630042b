import type { Group } from "../contender.ts";
import type { BoundaryOutcome } from "../measures/boundary.ts";
import type { Outcome, Verdict } from "../outcome.ts";
import { withContender, withServer } from "../processes.ts";
import type { Task } from "../task.ts";

const settings = { tokenLifetime: 2, tokenLatency: 50, apiLatency: 30 };
const plan = { calls: 16_000, concurrency: 50, maxMs: 60_000 };

interface Row extends BoundaryOutcome {
  readonly name: string;
  readonly group: Group;
  readonly rejected: number;
  readonly tokenRequests: number;
}

export const boundary: Task = {
  name: "boundary",
  title: "Where tokens run out",
  about: `${plan.calls.toLocaleString("en-US")} calls, ${plan.concurrency} at a time, with tokens that last ${settings.tokenLifetime} s, a token endpoint that
takes ${settings.tokenLatency} ms and an API that takes ${settings.apiLatency} ms, after a first call that brings the first token. A call fails
where it throws, or ends in anything but the list. One waited where its token was granted after it began, which
the answer tells. Whoever is not done after ${plan.maxMs / 1_000} s is stopped.

auth0 and undici-oidc-interceptor ask for another token 10 s before the end of one, google-auth-library and
@azure/msal-node 5 minutes before: a token of ${settings.tokenLifetime} s is never good enough for them, and a longer one would serve them better.`,
  rounds: 1,
  async run({ contenders, say }) {
    const rows: Row[] = [];
    for (const { name, group } of contenders) {
      say(name);
      const counted = await withServer((origin, server) =>
        withContender(name, origin, async (process) => {
          await server.ask("configure", settings);
          await process.ask("setUp", name, origin);
          await process.ask("call");
          await server.ask("configure", settings);
          const outcome = await process.ask("callAcrossBoundaries", plan);
          const { rejected, tokenRequests } = await server.ask("counts");
          return { ...outcome, rejected, tokenRequests };
        }),
      );
      rows.push({ ...counted, name, group });
    }
    return report(rows);
  },
};

/** Makes of what was counted an outcome. */
export function report(rows: readonly Row[]): Outcome {
  const ours = rows.filter(({ group }) => group === "ours");
  const flawless = rows.filter((row) => row.group === "peer" && flaws(row) === 0).map(({ name }) => name);
  return {
    summary: ours.map((row) => `${row.name}() ${describe(row)}`).join("; "),
    verdicts: ours.map(judge),
    tables: [
      {
        columns: ["Contender", "Kind", "Calls", "Failed", "401s", "Waited", "p99, ms", "Token requests"],
        rows: rows
          .toSorted((a, b) => flaws(a) - flaws(b))
          .map((row) => [
            row.name,
            row.group,
            row.calls,
            row.failed,
            row.rejected,
            row.waited,
            row.p99.toFixed(0),
            row.tokenRequests,
          ]),
      },
    ],
    charts: [
      {
        name: "boundary",
        title: "Calls that failed or waited",
        unit: `of ${plan.calls.toLocaleString("en-US")}`,
        bars: rows.map((row) => ({
          name: row.name,
          group: row.group,
          value: row.failed + row.waited,
        })),
      },
    ],
    notes: [`Peers that came through without any of them: ${flawless.join(", ") || "none"}.`],
  };
}

/** One that was stopped never got to where the rest of its calls would have failed. */
function flaws({ calls, failed, rejected, waited }: Row): number {
  return plan.calls - calls + failed + rejected + waited;
}

function describe({ calls, failed, rejected, waited }: Row): string {
  const stopped = calls < plan.calls ? `, stopped after ${calls} calls` : "";
  return `${failed} failed, ${rejected} 401s, ${waited} waited${stopped}`;
}

function judge(row: Row): Verdict {
  return {
    budget: `${row.name}: 0 failed calls, 0 401s, 0 callers that waited`,
    measured: describe(row),
    holds: flaws(row) === 0,
  };
}
