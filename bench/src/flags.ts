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
  const { task, only, rounds, help } = parse(args);
  return {
    help,
    tasks: task === undefined ? tasks : [findTask(task, tasks)],
    only: only?.split(",").flatMap((name) => namesOf(name.trim(), contenders)),
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

function readRounds(text: string): number {
  const rounds = Number(text);
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new FlagError(`--rounds ${text}: expected a whole number, 1 or more`);
}
