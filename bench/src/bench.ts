import { contenders, contendersOf } from "./contenders.ts";
import { FlagError, type Flags, readFlags, usage } from "./flags.ts";
import type { Outcome } from "./outcome.ts";
import { recordResult } from "./report/record.ts";
import { renderText } from "./report/text.ts";
import { isValid } from "./statistics.ts";
import type { Task } from "./task.ts";
import { tasks } from "./tasks/tasks.ts";

/** Fewer paired rounds say too little to be written down. */
const fewestRounds = 10;

for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const flags = readCommandLine();
for (const task of flags.tasks) await runTask(task, flags);

async function runTask(task: Task, { only, rounds = task.rounds }: Flags): Promise<void> {
  const outcome = await task.run({
    contenders: contendersOf(task.name).filter(
      ({ name, group }) => group === "floor" || (only?.includes(name) ?? true),
    ),
    rounds,
    say: (line) => console.error(`${task.name}: ${line}`),
  });
  console.log(`\n${task.title}\n${renderText(outcome)}`);
  console.log(`bench ${task.name}: ${outcome.summary}${judge(outcome)}`);
  if (isVoid(outcome)) process.exitCode = 1;
  else if (only === undefined && rounds >= Math.min(task.rounds, fewestRounds))
    await recordResult(task, outcome);
}

/** A run whose floor does not agree with itself says nothing of the others either. */
function isVoid({ again }: Outcome): boolean {
  return again !== undefined && !isValid(again);
}

function judge(outcome: Outcome): string {
  if (isVoid(outcome))
    return "; VOID: the floor's two runs differ by more than 3 %, so the machine was not quiet";
  const missed = outcome.verdicts.filter(({ holds }) => !holds).length;
  return missed === 0 ? "" : `; ${missed} of ${outcome.verdicts.length} budgets missed`;
}

function readCommandLine(): Flags {
  try {
    const flags = readFlags(process.argv.slice(2), tasks, contenders);
    if (!flags.help) return flags;
    console.log(usage(tasks, contenders));
    process.exit(0);
  } catch (error) {
    if (!(error instanceof FlagError)) throw error;
    console.error(`${error.message}\n\n${usage(tasks, contenders)}`);
    process.exit(2);
  }
}
