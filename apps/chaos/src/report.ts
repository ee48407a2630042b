import { type Outcome, recoveryBound } from "./run.ts";

/** Something that has to hold for a run to be good. */
export interface Must {
  readonly what: string;
  readonly is: string;
  readonly bound: string;
  readonly holds: boolean;
}

/** Bytes: twice what it was ever seen to grow by, in two minutes or in ten. */
export const heapBound = 3 * 1024 * 1024;
/** None more was ever seen; a stall that no time limit ends would leave thirty. */
export const socketsBound = 10;

/** What faults bring about; any other failure is a defect. */
const explained =
  /^(network_error|request_timeout|response_invalid|api_error (302|307|401|429|503)|token_(network_error|timeout|response_invalid|endpoint_unavailable))$/;

/** Everything that has to hold. */
export function judge({
  tally,
  blamed,
  app,
  missing,
  strays,
  recoveredIn,
  relapses,
  start,
  end,
}: Outcome): Must[] {
  const unexplained = [...tally.causes].filter(([cause]) => !explained.test(cause));
  const atOnce = Math.max(...app.clients.map(({ mostTokensAwaited }) => mostTokensAwaited));
  return [
    none("failures while a valid token was held", blamed["valid token held"].length),
    none("401s passed on without a renewal", blamed["401 not renewed"].length),
    none(
      "failures that no fault explains",
      unexplained.reduce((sum, [, count]) => sum + count, 0),
    ),
    none("requests that left for another origin", strays),
    none("unhandled rejections", app.unhandled.length),
    {
      what: "token requests of one client at once",
      is: String(atOnce),
      bound: "1",
      holds: atOnce === 1,
    },
    {
      what: "all calls succeed again after",
      is: recoveredIn === undefined ? "never" : `${(recoveredIn / 1_000).toFixed(1)} s`,
      bound: `at most ${recoveryBound / 1_000} s`,
      holds: recoveredIn !== undefined,
    },
    none("failures after that", relapses),
    {
      what: "heap",
      is: `${megabytes(start.heap)} at the start, ${megabytes(end.heap)} at the end`,
      bound: `at most ${megabytes(heapBound)} more`,
      holds: end.heap - start.heap <= heapBound,
    },
    {
      what: "sockets in use",
      is: `${start.sockets} at the start, ${end.sockets} at the end`,
      bound: `at most ${socketsBound} more`,
      holds: end.sockets - start.sockets <= socketsBound,
    },
    {
      what: "missing from the chaos",
      is: missing.join(", ") || "nothing",
      bound: "nothing",
      holds: missing.length === 0,
    },
  ];
}

function none(what: string, count: number): Must {
  return { what, is: String(count), bound: "0", holds: count === 0 };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** What a run has brought, for people; the last line sums it up. */
export function report(outcome: Outcome, seed: number): string {
  const { tally, blamed, app, met, start, end } = outcome;
  const musts = judge(outcome);
  const held = musts.filter(({ holds }) => holds);
  const total = (count: "tokenRequests" | "tokensReceived" | "refreshesFailed" | "callsReplayed") =>
    app.clients.reduce((sum, client) => sum + client[count], 0);
  return [
    "faults: times, requests of the app that met them",
    ...[...met].map(([name, { times, requests }]) => row(name, times, requests)),
    "calls",
    row("succeeded", tally.calls - tally.failed),
    ...[...tally.causes].map(([cause, count]) => row(cause, count)),
    "tokens",
    row("token requests", total("tokenRequests")),
    row("tokens received", total("tokensReceived")),
    row("refreshes failed while a token was held", total("refreshesFailed")),
    row("calls replayed with a new token", total("callsReplayed")),
    "musts",
    ...musts.map(({ what, is, bound, holds }) => `  ${holds ? "✓" : "✗"} ${what}: ${is} (must be ${bound})`),
    ...app.unhandled.slice(0, 1).map((reason) => `    the first unhandled rejection: ${reason}`),
    ...Object.entries(blamed).flatMap(([what, calls]) =>
      calls.slice(0, 3).map((call) => `    ${what}: ${JSON.stringify(call)}`),
    ),
    [
      `chaos: seed ${seed}`,
      `${tally.calls} calls`,
      `${tally.failed} failed`,
      `${blamed["valid token held"].length} while a valid token was held`,
      `${total("tokenRequests")} token requests`,
      `${app.unhandled.length} unhandled rejections`,
      `heap ${megabytes(start.heap)} → ${megabytes(end.heap)}`,
      `sockets ${start.sockets} → ${end.sockets}`,
      `${held.length} of ${musts.length} musts hold`,
    ].join(", "),
  ].join("\n");
}

function row(name: string, ...counts: readonly number[]): string {
  return `  ${name.padEnd(40)}${counts.map((count) => String(count).padStart(10)).join("")}`;
}
