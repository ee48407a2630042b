import type { Contender, TaskName } from "./contender.ts";
import type { Outcome } from "./outcome.ts";

/** What a task is given to run. */
export interface TaskRun {
  /** Of this task; all of them, or those that `--only` named and the floors. */
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly say: (line: string) => void;
}

export interface Task {
  readonly name: TaskName;
  readonly title: string;
  /** What is measured, and how, as a paragraph of docs/performance.md. */
  readonly about: string;
  /** How many rounds where `--rounds` does not say; 1 where the figures are counts. */
  readonly rounds: number;
  run(run: TaskRun): Promise<Outcome>;
}
