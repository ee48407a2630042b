import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

// biome-ignore lint/suspicious/noExplicitAny: what a handler takes and returns is its own.
export type Handlers = Record<string, (...args: any[]) => unknown>;

/** A process of the run that can be killed, stopped and started again, and answers the questions of `H`. */
export interface RunningProcess<H extends Handlers> {
  start(): Promise<void>;
  kill(): Promise<void>;
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /**
   * Rejects with what the handler threw, where the process has ended or ends before it has answered, and after ten
   * minutes.
   */
  ask<K extends keyof H & string>(name: K, ...args: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
}

/** How a process is run. */
export interface ProcessSettings {
  readonly args?: readonly (string | number)[] | undefined;
  /** Flags of Node. Without {@link fromSource} it has the built packages, as a user does. */
  readonly flags?: readonly string[] | undefined;
  /** The one core that it runs on. */
  readonly core?: number | undefined;
}

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** The flag by which a process has the packages' source. */
export const fromSource = "--conditions=@personify-auth/source";

/** ms: the longest measurement takes a tenth of it. */
const patience = 600_000;

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Describes a process that runs a module. It starts when it is told to. */
export function describeProcess<H extends Handlers>(
  module: URL,
  { args = [], flags = [], core }: ProcessSettings = {},
): RunningProcess<H> {
  const { pathname } = module;
  let child: ChildProcess | undefined;
  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();

  /** The answer to a question. That to the first, which nobody asks, is that the process has started. */
  async function answerTo(id: number, name: string): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(id, answer);
    const tooLate = () => answer.reject(new Error(`${pathname} has not answered ${name} for ${patience} ms`));
    const limit = setTimeout(tooLate, patience);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(limit);
      waiting.delete(id);
    }
  }

  return {
    async start() {
      const started = fork(module, args.map(String), {
        // JSON would make null of what is no number.
        serialization: "advanced",
        execArgv: core === undefined ? [...flags] : ["-c", String(core), process.execPath, ...flags],
        ...(core !== undefined && { execPath: "taskset" }),
      });
      child = started;
      alive.add(started);
      started.on("message", ({ id, answer, error }: Answer) => {
        if (error === undefined) waiting.get(id)?.resolve(answer);
        else waiting.get(id)?.reject(new Error(error));
      });
      started.once("exit", (code, signal) => {
        alive.delete(started);
        child = undefined;
        for (const { reject } of waiting.values()) reject(new Error(`${pathname} ended: ${signal ?? code}`));
      });
      await answerTo(0, "start");
    },
    async kill() {
      if (child?.kill("SIGKILL")) await once(child, "exit");
    },
    signal(name) {
      child?.kill(name);
    },
    async ask(name, ...args) {
      if (child === undefined) throw new Error(`${pathname} is not running`);
      const id = ++asked;
      child.send({ id, name, args }, (error) => error && waiting.get(id)?.reject(error));
      return (await answerTo(id, name)) as never;
    },
  };
}

/** In such a process: tells that it is ready, and answers from now on. It ends with the one that started it. */
export function answerQuestions(handlers: Handlers): void {
  process.on("message", async ({ id, name, args }: { id: number; name: string; args: unknown[] }) => {
    try {
      process.send?.({ id, answer: await handlers[name]?.(...args) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once("disconnect", () => process.exit());
  process.send?.({ id: 0 });
}
