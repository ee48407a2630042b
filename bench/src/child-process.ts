import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

// biome-ignore lint/suspicious/noExplicitAny: what a handler takes and returns is its own.
type Handlers = Record<string, (...args: any[]) => unknown>;

/** A process that answers the questions of `H`. */
export interface AnsweringProcess<H extends Handlers> {
  /** Rejects with what the handler threw, or where the process ends before it has answered. */
  ask<K extends keyof H & string>(name: K, ...args: Parameters<H[K]>): Promise<Awaited<ReturnType<H[K]>>>;
  stop(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** Starts a module of this folder, on one core where that is possible. It has the built packages, as a user does. */
export async function startProcess<H extends Handlers>(
  module: string,
  { core, flags = [] }: { readonly core?: number | undefined; readonly flags?: readonly string[] } = {},
): Promise<AnsweringProcess<H>> {
  const path = join(import.meta.dirname, module);
  // JSON would make null of what is no number.
  const serialization = "advanced";
  const child =
    core === undefined
      ? fork(path, { serialization, execArgv: [...flags] })
      : fork(path, {
          serialization,
          execPath: "taskset",
          execArgv: ["-c", String(core), process.execPath, ...flags],
        });
  alive.add(child);
  let asked = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ready = Promise.withResolvers<unknown>();
  waiting.set(0, ready);
  child.on("message", ({ id, answer, error }: Answer) => {
    const asker = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asker?.resolve(answer);
    else asker?.reject(new Error(error));
  });
  const ended = once(child, "exit").then(([code, signal]) => {
    alive.delete(child);
    for (const { reject } of waiting.values()) reject(new Error(`${module} ended: ${signal ?? code}`));
    waiting.clear();
  });
  await ready.promise;

  return {
    async ask(name, ...args) {
      const id = ++asked;
      const answer = Promise.withResolvers<unknown>();
      waiting.set(id, answer);
      child.send({ id, name, args }, (error) => error && answer.reject(error));
      return (await answer.promise) as never;
    },
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Starts a module as `startProcess` does, and stops it when `use` is done. */
export async function withProcess<H extends Handlers, T>(
  module: string,
  options: Parameters<typeof startProcess>[1],
  use: (process: AnsweringProcess<H>) => Promise<T>,
): Promise<T> {
  const process = await startProcess<H>(module, options);
  try {
    return await use(process);
  } finally {
    await process.stop();
  }
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
