import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

// biome-ignore lint/suspicious/noExplicitAny: what a handler takes and returns is its own.
type Handlers = Record<string, (...args: any[]) => unknown>;

/** A process of the run that can be killed, stopped and started again, and answers the questions of `H`. */
export interface RunningProcess<H extends Handlers> {
  start(): Promise<void>;
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Rejects where the process has ended, or ends before it has answered. */
  ask<K extends keyof H & string>(name: K, ...args: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
}

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Describes a process that runs a module. It starts when it is told to. */
export function describeProcess<H extends Handlers>(
  module: URL,
  args: readonly (string | number)[],
  flags: readonly string[] = [],
): RunningProcess<H> {
  let child: ChildProcess | undefined;
  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();

  return {
    async start() {
      const started = fork(module, args.map(String), {
        execArgv: ["--conditions=@personify-auth/source", ...flags],
      });
      child = started;
      alive.add(started);
      const ready = Promise.withResolvers<unknown>();
      waiting.set(0, ready);
      started.on("message", ({ id, answer }: { id: number; answer: unknown }) => {
        waiting.get(id)?.resolve(answer);
        waiting.delete(id);
      });
      started.once("exit", (code, signal) => {
        alive.delete(started);
        child = undefined;
        for (const { reject } of waiting.values())
          reject(new Error(`${module.pathname} ended: ${signal ?? code}`));
        waiting.clear();
      });
      await ready.promise;
    },
    async kill() {
      if (child?.kill("SIGKILL")) await once(child, "exit");
    },
    signal(name) {
      child?.kill(name);
    },
    async ask(name, ...args) {
      if (child === undefined) throw new Error(`${module.pathname} is not running`);
      const id = ++asked;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.send({ id, name, args }, (error) => error && answer.reject(error));
      return (await answer.promise) as never;
    },
  };
}

/** In such a process: tells that it is ready, and answers from now on. It ends with the one that started it. */
export function answerQuestions(handlers: Handlers): void {
  process.on("message", async ({ id, name, args }: { id: number; name: string; args: unknown[] }) => {
    process.send?.({ id, answer: await handlers[name]?.(...args) });
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ id: 0 });
}
