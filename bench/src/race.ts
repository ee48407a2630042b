import type { RunningProcess } from "child-process";
import type { ContenderQuestions } from "./contender-process.ts";
import { withContender, withServer } from "./processes.ts";
import { playRounds } from "./rounds.ts";
import type { Samples } from "./statistics.ts";
import type { TaskRun } from "./task.ts";

/**
 * Plays the rounds, with a new process for each turn. A process is lucky or unlucky for life: of one and the same floor,
 * some take half as much again as others, however long they are warmed up, and the median has to be taken over many.
 */
export function race(
  run: TaskRun,
  turn: (process: RunningProcess<ContenderQuestions>) => Promise<number>,
): Promise<Samples> {
  return withServer((origin) =>
    playRounds(
      run.contenders.map(({ name }) => ({ name, turn: () => withContender(name, origin, turn) })),
      run,
    ),
  );
}
