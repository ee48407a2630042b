import type { Terminal } from "./terminal.ts";

const frames = ["|", "/", "-", "\\"];
/** What is done by then needs no spinner. */
const patience = 400;

/** Turns a spinner on stderr for as long as `work` takes, where that is a terminal. */
export async function spinning<T>(what: string, { stderr, env }: Terminal, work: Promise<T>): Promise<T> {
  if (stderr.isTTY !== true || env["TERM"] === "dumb") return work;
  const started = Date.now();
  let shown = 0;
  const timer = setInterval(() => {
    if (Date.now() - started < patience) return;
    stderr.write(`\r${frames[shown++ % frames.length]} ${what} `);
  }, 100);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (shown > 0) stderr.write(`\r${" ".repeat(what.length + 3)}\r`);
  }
}
