import { type AnsweringProcess, startProcess } from "./child-process.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { chooseCores } from "./cores.ts";
import { playRounds } from "./rounds.ts";
import type { ServerQuestions } from "./server-process.ts";
import type { Samples } from "./statistics.ts";
import type { TaskRun } from "./task.ts";

/**
 * Plays the rounds, with a new process for each turn. A process is lucky or unlucky for life: of one and the same floor,
 * some take half as much again as others, however long they are warmed up, and the median has to be taken over many.
 */
export async function race(
  { contenders, rounds, say }: TaskRun,
  turn: (process: AnsweringProcess<ContenderQuestions>) => Promise<number>,
): Promise<Samples> {
  const cores = chooseCores();
  const server = await startProcess<ServerQuestions>("server-process.ts", { core: cores.server });
  const origin = await server.ask("origin");
  const participants = contenders.map(({ name }) => ({
    name,
    async turn() {
      const process = await startProcess<ContenderQuestions>("contender-process.ts", {
        core: cores.contenders,
      });
      try {
        await process.ask("setUp", name, origin);
        return await turn(process);
      } finally {
        await process.stop();
      }
    },
  }));
  try {
    return await playRounds(participants, rounds, (round) => say(`round ${round} of ${rounds}`));
  } finally {
    await server.stop();
  }
}
