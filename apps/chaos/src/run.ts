import { setTimeout as sleep } from "node:timers/promises";
import type { Counts, Measure } from "./app.ts";
import { type Blame, blame, type FailedCall } from "./blame.ts";
import { type Callers, createCallers, type Tally } from "./callers.ts";
import { type Chaos, type Progress, spreadFaults } from "./faults-at-random.ts";
import { openStage, type Stage } from "./stage.ts";

/** What was counted in a run. */
export interface Outcome extends Chaos {
  readonly tally: Tally;
  readonly blamed: Readonly<Record<Blame, readonly FailedCall[]>>;
  readonly app: Counts;
  /** Requests that followed a redirect to another origin. */
  readonly strays: number;
  /** ms from the end of the last fault until a wave of calls all succeeded; undefined: not within the bound. */
  readonly recoveredIn: number | undefined;
  /** Calls of the waves after that one that failed. */
  readonly relapses: number;
  readonly start: Measure;
  readonly end: Measure;
}

/** ms: more than the longest life of a token, with the time limit of an acquisition. */
export const recoveryBound = 15_000;
const warmUp = 2_000;

/** Plays one run, and leaves nothing of it behind. */
export async function runChaos(setup: {
  readonly seed: number;
  readonly callers: number;
  readonly seconds: number;
  readonly onProgress: (progress: Progress) => void;
}): Promise<Outcome> {
  const stage = await openStage();
  const blamed: Record<Blame, FailedCall[]> = { "valid token held": [], "401 not renewed": [] };
  const callers = createCallers({
    count: setup.callers,
    url: stage.appUrl,
    tenants: await stage.emulator.ask("tenants"),
    onFailed(call) {
      const verdict = blame(call, stage.losses);
      if (verdict !== undefined) blamed[verdict].push(call);
    },
  });
  const { tally } = callers;
  try {
    callers.start();
    await sleep(warmUp);
    await callers.stop();
    if ((await recover(callers)) === undefined) throw new Error("Calls fail before anything is wrong");
    await connectAll(stage, callers, setup.callers);
    const start = await stage.app.ask("measure");

    callers.start();
    const chaos = await spreadFaults({ ...setup, stage, tally });
    await callers.stop();

    const recoveredIn = await recover(callers);
    let relapses = 0;
    for (let wave = 0; wave < 3; wave += 1) relapses += (await callers.wave()).failed;
    if (recoveredIn !== undefined) await connectAll(stage, callers, setup.callers);
    const end = await stage.app.ask("measure");
    const app = await stage.app.ask("counts");
    return { ...chaos, tally, blamed, app, strays: stage.strays(), recoveredIn, relapses, start, end };
  } finally {
    await stage.close();
    await callers.close();
  }
}

async function recover(callers: Callers): Promise<number | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const { failed } = await callers.wave();
    const took = performance.now() - startedAt;
    if (failed === 0) return took;
    if (took > recoveryBound) return undefined;
    await sleep(100);
  }
}

/** Holds a request of each caller open all the way to the API, so that every socket is there that there can be. */
async function connectAll({ app, gateways }: Stage, callers: Callers, count: number): Promise<void> {
  const openRequests = async () => (await app.ask("counts")).open;
  for (let attempt = 1; ; attempt += 1) {
    gateways.api.signal("SIGSTOP");
    const wave = callers.wave();
    const isFull = await becomes(async () => (await openRequests()).api === count);
    gateways.api.signal("SIGCONT");
    await wave;
    if (isFull) break;
    if (attempt === 5) throw new Error(`${count} calls at once did not get through to the API`);
  }
  await becomes(async () => {
    const { token, api } = await openRequests();
    return token + api === 0;
  });
}

/** Whether something becomes true within 3 s, which is less than a call may take. */
async function becomes(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let patience = 30; patience > 0; patience -= 1) {
    if (await isTrue()) return true;
    await sleep(100);
  }
  return false;
}
