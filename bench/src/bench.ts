import { contenders, contendersOf } from "./contenders.ts";
import { FlagError, type Flags, readFlags, usage } from "./flags.ts";
import { conclude, isVoid, isWorthRecording } from "./judgement.ts";
import { recordResult } from "./report/record.ts";
import { renderText } from "./report/text.ts";
import type { Task } from "./task.ts";
import { tasks } from "./tasks/tasks.ts";

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
  console.log(`bench ${task.name}: ${conclude(outcome)}`);
  if (isVoid(outcome)) process.exitCode = 1;
  if (isWorthRecording(outcome, only === undefined)) await recordResult(task, outcome);
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
