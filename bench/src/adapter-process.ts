import { answerQuestions } from "child-process";
import { type Running, targetAt } from "./contender.ts";
import { findContender } from "./contenders.ts";
import { cpuPerCall, type Turn } from "./measures/cpu-per-call.ts";

const running = new Map<string, Running>();

const handlers = {
  async setUp(name: string): Promise<void> {
    const { setUp } = await findContender(name).load();
    // Nothing listens there: an adapter that is not used sends nothing.
    running.set(name, await setUp(targetAt("http://127.0.0.1:9")));
  },
  async callCpu(name: string, turn: Turn): Promise<number> {
    const { call } = running.get(name) ?? {};
    if (call === undefined) throw new Error(`${name} is not set up`);
    return cpuPerCall(call, turn);
  },
};
export type AdapterQuestions = typeof handlers;

answerQuestions(handlers);
