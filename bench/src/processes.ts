import { describeProcess, type Handlers, type ProcessSettings, type RunningProcess } from "child-process";
import type { ContenderQuestions } from "./contender-process.ts";
import { chooseCores } from "./cores.ts";
import type { ServerQuestions } from "./server-process.ts";

/** Uses a server that has a process to itself, and a core where that is possible. */
export function withServer<T>(
  use: (origin: string, server: RunningProcess<ServerQuestions>) => Promise<T>,
): Promise<T> {
  return withProcess(
    "server-process.ts",
    { core: chooseCores().server },
    async (server: RunningProcess<ServerQuestions>) => use(await server.ask("origin"), server),
  );
}

/** Uses a contender that is set up in a process of its own, with its caches empty. */
export function withContender<T>(
  name: string,
  origin: string,
  use: (process: RunningProcess<ContenderQuestions>) => Promise<T>,
): Promise<T> {
  return withProcess(
    "contender-process.ts",
    { core: chooseCores().contenders },
    async (process: RunningProcess<ContenderQuestions>) => {
      await process.ask("setUp", name, origin);
      return use(process);
    },
  );
}

/** Starts a module of this folder, on one core where that is named. It has the built packages, as a user does. */
export async function startProcess<H extends Handlers>(
  module: string,
  settings?: ProcessSettings,
): Promise<RunningProcess<H>> {
  const process = describeProcess<H>(new URL(module, import.meta.url), settings);
  await process.start();
  return process;
}

/** Starts a module as `startProcess` does, and ends it when `use` is done. */
export async function withProcess<H extends Handlers, T>(
  module: string,
  settings: ProcessSettings,
  use: (process: RunningProcess<H>) => Promise<T>,
): Promise<T> {
  const process = await startProcess<H>(module, settings);
  try {
    return await use(process);
  } finally {
    await process.kill();
  }
}
