import { type AnsweringProcess, startProcess } from "./child-process.ts";
import type { Contender } from "./contender.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { chooseCores } from "./cores.ts";
import type { ServerQuestions } from "./server-process.ts";

/** A server and one process for each contender, all alive at once. */
export interface Field {
  readonly origin: string;
  readonly server: AnsweringProcess<ServerQuestions>;
  readonly entrants: readonly Entrant[];
  close(): Promise<void>;
}

export interface Entrant {
  readonly name: string;
  readonly process: AnsweringProcess<ContenderQuestions>;
}

/** Starts the server, and each contender with its caches empty. */
export async function openField(contenders: readonly Contender[]): Promise<Field> {
  const cores = chooseCores();
  const server = await startProcess<ServerQuestions>("server-process.ts", { core: cores.server });
  const origin = await server.ask("origin");
  const entrants = await Promise.all(
    contenders.map(async ({ name }) => {
      const options = { core: cores.contenders };
      const process = await startProcess<ContenderQuestions>("contender-process.ts", options);
      await process.ask("setUp", name, origin);
      return { name, process };
    }),
  );
  return {
    origin,
    server,
    entrants,
    async close() {
      await Promise.all([server, ...entrants.map(({ process }) => process)].map((each) => each.stop()));
    },
  };
}
