import { parseArgs } from "node:util";

/** Runs a command that takes no arguments but --help. What goes wrong is told without a stack, and the exit code is 1. */
export async function runProgram(usage: string, main: () => Promise<void>): Promise<void> {
  try {
    const { values } = parseArgs({ options: { help: { type: "boolean", short: "h", default: false } } });
    if (values.help) say(usage);
    else await main();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
