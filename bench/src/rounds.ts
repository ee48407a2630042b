import type { Samples } from "./statistics.ts";
import type { TaskRun } from "./task.ts";

/** One that takes a turn in each round; a turn ends in its figure, which is above 0. */
export interface Participant {
  readonly name: string;
  turn(): Promise<number>;
}

/** Plays rounds in which each takes one turn. Who begins changes from round to round, so that no place in it is better. */
export async function playRounds(
  participants: readonly Participant[],
  { rounds, say }: Pick<TaskRun, "rounds" | "say">,
): Promise<Samples> {
  const samples = new Map<string, number[]>(participants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % participants.length;
    for (const { name, turn } of [...participants.slice(first), ...participants.slice(0, first)]) {
      const figure = await turn();
      // It would make a ratio of nothing, that of the floor to itself too.
      if (!(figure > 0 && figure < Number.POSITIVE_INFINITY)) {
        throw new RangeError(`${name} measured nothing: ${figure}`);
      }
      samples.get(name)?.push(figure);
    }
    say(`round ${round + 1} of ${rounds}`);
  }
  return samples;
}
