import { type AnsweringProcess, startProcess } from "./child-process.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { chooseCores } from "./cores.ts";
import type { ServerQuestions } from "./server-process.ts";

/** A server and a contender's process, alone with each other. */
export interface Field {
  readonly origin: string;
  readonly server: AnsweringProcess<ServerQuestions>;
  readonly process: AnsweringProcess<ContenderQuestions>;
  close(): Promise<void>;
}

/** Starts both, the contender with its caches empty. */
export async function openField(name: string): Promise<Field> {
  const cores = chooseCores();
  const server = await startProcess<ServerQuestions>("server-process.ts", { core: cores.server });
  const origin = await server.ask("origin");
  const process = await startProcess<ContenderQuestions>("contender-process.ts", { core: cores.contenders });
  await process.ask("setUp", name, origin);
  return {
    origin,
    server,
    process,
    close: async () => void (await Promise.all([server.stop(), process.stop()])),
  };
}
