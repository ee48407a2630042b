import { answerQuestions } from "child-process";
import { type Running, targetAt } from "./contender.ts";
import { findContender } from "./contenders.ts";
import { bytesPerCall } from "./measures/allocation.ts";
import { type BoundaryPlan, callAcrossBoundaries } from "./measures/boundary.ts";
import { coldStart } from "./measures/cold-start.ts";
import { cpuPerCall, type Turn } from "./measures/cpu-per-call.ts";

let running: Running | undefined;

const handlers = {
  /** Sets a contender up, with its caches empty; again, where it was. */
  async setUp(name: string, origin: string): Promise<void> {
    const { setUp } = await findContender(name).load();
    running = await setUp(targetAt(origin));
  },
  call: async () => void (await current().call()),
  callCpu: (turn: Turn) => cpuPerCall(current().call, turn),
  tokenCpu: (turn: Turn) => cpuPerCall(getToken(), turn),
  bytesPerCall: (calls: number, concurrency: number) => bytesPerCall(current().call, calls, concurrency),
  coldStart: (callers: number) => coldStart(getToken(), callers),
  callAcrossBoundaries: (plan: BoundaryPlan) => callAcrossBoundaries(current().call, plan),
};
export type ContenderQuestions = typeof handlers;

function current(): Running {
  if (running === undefined) throw new Error("No contender is set up");
  return running;
}

function getToken(): () => Promise<unknown> {
  const { getToken } = current();
  if (getToken === undefined) throw new Error("This contender hands out no token");
  return getToken;
}

answerQuestions(handlers);
