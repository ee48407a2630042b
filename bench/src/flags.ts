import { parseArgs } from "node:util";
import type { Contender } from "./contender.ts";
import type { Task } from "./task.ts";

export interface Flags {
  readonly help: boolean;
  readonly tasks: readonly Task[];
  /** Names of contenders, or undefined for all. */
  readonly only: readonly string[] | undefined;
  readonly rounds: number | undefined;
}

/** A flag that cannot be followed. Its message tells what can. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

/** Reads the command line. Throws a `FlagError`. */
export function readFlags(
  args: readonly string[],
  tasks: readonly Task[],
  contenders: readonly Contender[],
): Flags {
  const { task, only: list, rounds, help } = parse(args);
  const asked = task === undefined ? tasks : [findTask(task, tasks)];
  const only = list?.split(",").flatMap((name) => namesOf(name.trim(), contenders));
  return {
    help,
    tasks: only === undefined ? asked : tasksOf(only, asked, contenders),
    only,
    rounds: rounds === undefined ? undefined : readRounds(rounds),
  };
}

export function usage(tasks: readonly Task[], contenders: readonly Contender[]): string {
  return `Usage: bench [--task NAME] [--only CONTENDER,…] [--rounds N]

  --task    one of ${tasks.map(({ name }) => name).join(", ")}; all of them by default
  --only    contenders, or the groups ours and peer; floors always run
  --rounds  paired rounds; at least 10 for figures that are written down

Contenders: ${contenders.map(({ name }) => name).join(", ")}

A whole run that is valid is written to bench/results.json and docs/performance.md; one with --only is only printed.`;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        task: { type: "string" },
        only: { type: "string" },
        rounds: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new FlagError(error instanceof Error ? error.message : String(error));
  }
}

function findTask(name: string, tasks: readonly Task[]): Task {
  const task = tasks.find((candidate) => candidate.name === name);
  if (task !== undefined) return task;
  throw new FlagError(`--task ${name}: expected one of ${tasks.map((each) => each.name).join(", ")}`);
}

function namesOf(name: string, contenders: readonly Contender[]): string[] {
  const named = contenders.filter((contender) => contender.name === name || contender.group === name);
  if (named.length > 0) return named.map((contender) => contender.name);
  throw new FlagError(`--only ${name}: no contender and no group is called so; --help lists them`);
}

/** Those that one of the named takes part in. A run of floors alone would tell nothing. */
function tasksOf(
  only: readonly string[],
  tasks: readonly Task[],
  contenders: readonly Contender[],
): readonly Task[] {
  const named = contenders.filter(({ name }) => only.includes(name));
  const theirs = tasks.filter((task) => named.some((contender) => contender.tasks.includes(task.name)));
  if (theirs.length > 0) return theirs;
  throw new FlagError(
    `--only ${only.join()}: none of them takes part in ${tasks.map(({ name }) => name).join(", ")}`,
  );
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new FlagError(`--rounds ${text}: expected a whole number, 1 or more`);
}
