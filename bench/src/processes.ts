import { type AnsweringProcess, withProcess } from "./child-process.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { chooseCores } from "./cores.ts";
import type { ServerQuestions } from "./server-process.ts";

/** Uses a server that has a process to itself, and a core where that is possible. */
export function withServer<T>(
  use: (origin: string, server: AnsweringProcess<ServerQuestions>) => Promise<T>,
): Promise<T> {
  return withProcess(
    "server-process.ts",
    { core: chooseCores().server },
    async (server: AnsweringProcess<ServerQuestions>) => use(await server.ask("origin"), server),
  );
}

/** Uses a contender that is set up in a process of its own, with its caches empty. */
export function withContender<T>(
  name: string,
  origin: string,
  use: (process: AnsweringProcess<ContenderQuestions>) => Promise<T>,
): Promise<T> {
  return withProcess(
    "contender-process.ts",
    { core: chooseCores().contenders },
    async (process: AnsweringProcess<ContenderQuestions>) => {
      await process.ask("setUp", name, origin);
      return use(process);
    },
  );
}
