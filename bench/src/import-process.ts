import { registerHooks } from "node:module";
import { answerQuestions } from "child-process";
import { targetAt } from "./contender.ts";
import { findContender } from "./contenders.ts";

export interface FirstCall {
  readonly ms: number;
  readonly cpuMs: number;
}

const handlers = {
  /** Imports a contender, sets it up and makes its first call, in a process that has loaded none before. */
  async firstCall(name: string, origin: string): Promise<FirstCall> {
    const startedAt = performance.now();
    const before = process.cpuUsage();
    await callOnce(name, origin);
    const { user, system } = process.cpuUsage(before);
    return { ms: performance.now() - startedAt, cpuMs: (user + system) / 1_000 };
  },
  /** How many files of packages that loads. A run of its own, since counting takes time. */
  async modulesLoaded(name: string, origin: string): Promise<number> {
    const loaded = new Set<string>();
    registerHooks({
      load(url, context, nextLoad) {
        if (url.startsWith("file:") && !url.endsWith(".ts")) loaded.add(url);
        return nextLoad(url, context);
      },
    });
    await callOnce(name, origin);
    return loaded.size;
  },
};
export type ImportQuestions = typeof handlers;

async function callOnce(name: string, origin: string): Promise<void> {
  const { setUp } = await findContender(name).load();
  const { call } = await setUp(targetAt(origin));
  await call();
}

answerQuestions(handlers);
