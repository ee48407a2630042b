import type { Outcome } from "./outcome.ts";
import { isValid } from "./statistics.ts";

/** Fewer paired rounds say too little to be written down. */
const fewestRounds = 10;

/** A run whose floor does not agree with itself says nothing of the others either. */
export function isVoid({ again }: Pick<Outcome, "again">): boolean {
  return again !== undefined && !isValid(again);
}

/** Whether an outcome may take the place of what was written down before: valid, whole, and of enough rounds. */
export function isWorthRecording(outcome: Pick<Outcome, "again" | "rounds">, isWhole: boolean): boolean {
  const { rounds = fewestRounds } = outcome;
  return isWhole && !isVoid(outcome) && rounds >= fewestRounds;
}

/** An outcome as one line: what was found, how far it can be believed, and what is wrong with it. */
export function conclude(outcome: Pick<Outcome, "summary" | "again" | "rounds" | "verdicts">): string {
  const { summary, again, rounds, verdicts } = outcome;
  const agreement = again === undefined ? "" : `A/A ${again.toFixed(3)}, ${rounds} rounds`;
  const found = [summary, agreement].filter((part) => part !== "").join(", ");
  if (isVoid(outcome)) return `${found}; VOID: the floor's two runs differ by more than 3 %`;
  const missed = verdicts.filter(({ holds }) => !holds).length;
  return missed === 0 ? found : `${found}; ${missed} of ${verdicts.length} budgets missed`;
}
