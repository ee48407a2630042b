import { answerQuestions } from "child-process";
import { targetAt } from "./contender.ts";
import { type Subject, subjects } from "./growth-subjects.ts";
import { cpuPerCall, type Turn } from "./measures/cpu-per-call.ts";
import { inParallel } from "./measures/in-parallel.ts";
import { heapInUse } from "./measures/retained.ts";

let call: () => Promise<unknown> = () => Promise.reject(new Error("Nothing is set up"));

const handlers = {
  async setUp(subject: Subject, size: number, origin: string): Promise<void> {
    call = await subjects[subject](targetAt(origin), size);
  },
  calls: (count: number, concurrency: number) => inParallel(call, count, concurrency),
  callCpu: (turn: Turn) => cpuPerCall(call, turn),
  heapInUse,
};
export type GrowthQuestions = typeof handlers;

answerQuestions(handlers);
