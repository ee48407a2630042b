import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { HostAnswer, HostRequest } from "./app/app-host.ts";

/** A process that runs `hostOnStdio`. */
export interface AppProcess {
  /** The name and version of the runtime, as the process itself says. */
  readonly runtime: string;
  readonly ask: (request: HostRequest) => Promise<HostAnswer>;
  readonly stop: () => Promise<void>;
}

/** Starts a host. What it prints on its standard error is shown with the suite's own. */
export async function startAppProcess(command: string, args: readonly string[]): Promise<AppProcess> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  // Not inherited: what it prints is searched for secrets on its way.
  child.stderr.pipe(process.stderr, { end: false });
  const hello = Promise.withResolvers<string>();
  const waiting = new Map<number, PromiseWithResolvers<HostAnswer>>();
  let ended: Error | undefined;
  const end = (why: string) => {
    ended = new Error(`The process of the app has ended: ${why}`);
    for (const { reject } of [hello, ...waiting.values()]) reject(ended);
  };
  child.on("error", (error) => end(error.message));
  child.on("close", (code, signal) => end(signal ?? `exit code ${code}`));
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { id, answer, runtime } = JSON.parse(line);
    if (runtime !== undefined) hello.resolve(runtime);
    waiting.get(id)?.resolve(answer);
    waiting.delete(id);
  });
  let asked = 0;
  return {
    runtime: await hello.promise,
    async ask(request) {
      if (ended !== undefined) throw ended;
      const id = ++asked;
      const answer = Promise.withResolvers<HostAnswer>();
      waiting.set(id, answer);
      child.stdin.write(`${JSON.stringify({ id, ...request })}\n`);
      return await answer.promise;
    },
    async stop() {
      if (ended !== undefined) return;
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}
