#!/usr/bin/env node
import { exitCodes } from "./exit-codes.ts";
import { run } from "./run.ts";

const stop = new AbortController();
// Once: whoever presses Ctrl+C again wants it to end at once.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());

const { stdin, stdout, stderr, env } = process;

stdout.on("error", ({ code }: NodeJS.ErrnoException) => {
  // A reader that has seen enough, such as head, is no failure.
  if (code === "EPIPE") process.exit(exitCodes.ok);
  stderr.write(`The result cannot be written (${code})\n`);
  process.exit(exitCodes.fault);
});
// Notes that nobody reads change nothing.
stderr.on("error", () => {});

process.exitCode = await run(process.argv.slice(2), { stdin, stdout, stderr, env, signal: stop.signal });
// A look-up of DNS that is under way would keep the process for as long as it takes.
if (stop.signal.aborted) process.exit();
