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

/** What the summary ends in. */
export function judge(outcome: Pick<Outcome, "again" | "verdicts">): string {
  if (isVoid(outcome)) return "; VOID: the floor's two runs differ by more than 3 %";
  const missed = outcome.verdicts.filter(({ holds }) => !holds).length;
  return missed === 0 ? "" : `; ${missed} of ${outcome.verdicts.length} budgets missed`;
}
