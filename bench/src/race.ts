import type { AnsweringProcess } from "./child-process.ts";
import type { ContenderQuestions } from "./contender-process.ts";
import { type Field, openField } from "./field.ts";
import { playRounds } from "./rounds.ts";
import type { Samples } from "./statistics.ts";
import type { TaskRun } from "./task.ts";

type ContenderProcess = AnsweringProcess<ContenderQuestions>;

/** Warms every contender up, then plays the rounds. */
export async function race(
  { contenders, rounds, say }: TaskRun,
  {
    warmUp,
    turn,
    flags,
  }: {
    readonly warmUp: (process: ContenderProcess, field: Field, name: string) => Promise<unknown>;
    readonly turn: (process: ContenderProcess, field: Field, name: string) => Promise<number>;
    readonly flags?: readonly string[];
  },
): Promise<Samples> {
  const field = await openField(contenders, flags);
  try {
    for (const { name, process } of field.entrants) {
      say(`warming up ${name}`);
      await warmUp(process, field, name);
    }
    return await playRounds(
      field.entrants.map(({ name, process }) => ({ name, turn: () => turn(process, field, name) })),
      rounds,
      (round) => say(`round ${round} of ${rounds}`),
    );
  } finally {
    await field.close();
  }
}
