import { setTimeout as sleep } from "node:timers/promises";
import type { Counts } from "./app.ts";
import type { Tally } from "./callers.ts";
import { createFaults, type Fault } from "./faults.ts";
import { createRandom, type Random } from "./random.ts";
import type { Stage } from "./stage.ts";

/** How often a fault began, and how many requests met it. */
export interface Meetings {
  times: number;
  requests: number;
}

/** What went wrong, and what did not. */
export interface Chaos {
  readonly met: ReadonlyMap<string, Meetings>;
  /** What has to happen for a run to prove anything, and has not. */
  readonly missing: readonly string[];
}

/** How far a run has come. */
export interface Progress {
  readonly tally: Tally;
  readonly app: Counts;
  /** The names of the faults that are under way. */
  readonly current: ReadonlySet<string>;
}

interface Table {
  readonly met: Map<string, Meetings>;
  readonly current: Set<string>;
  readonly over: AbortSignal;
}

/** ms that it may last longer, until everything has happened that has to. */
const extension = 90_000;
/** ms before each fault, of which a random part is waited: for those of one half, and for those of both. */
const pause = { half: 800, both: 7_000 };

/** Lets things go wrong with each half and with both, side by side. When it resolves, nothing is wrong any more. */
export async function spreadFaults(setup: {
  readonly stage: Stage;
  readonly seed: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly onProgress: (progress: Progress) => void;
}): Promise<Chaos> {
  const { stage, seed, seconds, tally, onProgress } = setup;
  const { token, api, both } = createFaults(stage);
  const names = [...token, ...api, ...both].map(({ name }) => name);
  const met = new Map<string, Meetings>();
  const current = new Set<string>();
  const over = new AbortController();
  let missing = names;

  const watch = async () => {
    const endsAt = performance.now() + seconds * 1_000;
    for (let round = 1; performance.now() < endsAt + (missing.length > 0 ? extension : 0); round += 1) {
      await sleep(500);
      const app = await stage.app.ask("counts");
      missing = findMissing(names, met, app, tally);
      if (round % 10 === 0) onProgress({ tally, app, current });
    }
    over.abort();
  };
  const table = { met, current, over: over.signal };
  await Promise.all([
    deal(token, createRandom(seed), pause.half, table),
    deal(api, createRandom(seed + 1), pause.half, table),
    deal(both, createRandom(seed + 2), pause.both, table),
    watch(),
  ]);
  // Last, what only a time limit ends: had any been left without one, no kill would hide it.
  const stalls = [...token, ...api].filter(({ name }) => name.endsWith("stalls"));
  await Promise.all(stalls.map((fault) => play(fault, createRandom(seed), table)));
  return { met, missing };
}

/** Deals faults out like cards, one after the other: each once, and then all again in another order. */
async function deal(
  faults: readonly Fault[],
  random: Random,
  longestPause: number,
  table: Table,
): Promise<void> {
  for (;;) {
    for (const fault of random.shuffle(faults)) {
      const shortestPause = longestPause / 5;
      await sleep(random.between(shortestPause, longestPause), undefined, { signal: table.over }).catch(
        () => {},
      );
      if (table.over.aborted) return;
      await play(fault, random, table);
    }
  }
}

/** Lets a fault last for a while, and for longer where no request has come by yet. */
async function play(fault: Fault, random: Random, { met, current }: Table): Promise<void> {
  current.add(fault.name);
  await fault.begin(random);
  await sleep(random.between(300, 1_000));
  let requests = await fault.met();
  for (let patience = 50; requests === 0 && patience > 0; patience -= 1) {
    await sleep(200);
    requests = await fault.met();
  }
  await fault.end();
  current.delete(fault.name);
  const meetings = met.get(fault.name) ?? { times: 0, requests: 0 };
  met.set(fault.name, { times: meetings.times + 1, requests: meetings.requests + requests });
}

function findMissing(
  names: readonly string[],
  met: ReadonlyMap<string, Meetings>,
  { clients }: Counts,
  { calls, failed }: Tally,
): string[] {
  const facts: [string, boolean][] = [
    ...names.map((name): [string, boolean] => [`"${name}"`, (met.get(name)?.requests ?? 0) > 0]),
    ["calls that failed", failed > 0],
    ["calls that succeeded", calls > failed],
    ["a second token of each client", clients.every(({ tokensReceived }) => tokensReceived >= 2)],
    [
      "a refresh that failed while a token was held",
      clients.some(({ refreshesFailed }) => refreshesFailed > 0),
    ],
    ["a call that was replayed with a new token", clients.some(({ callsReplayed }) => callsReplayed > 0)],
  ];
  return facts.filter(([, happened]) => !happened).map(([name]) => name);
}
