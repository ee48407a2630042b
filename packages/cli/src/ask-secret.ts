import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Streams } from "./terminal.ts";

/** Asks on stderr, so that stdout stays the result's, and shows nothing of what is typed. */
export async function askSecret(question: string, { stdin, stderr }: Streams, signal: AbortSignal) {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: nowhere, terminal: true });
  // In raw mode Ctrl+C is a key, and no signal.
  const interrupted = new AbortController();
  lines.once("SIGINT", () => interrupted.abort());
  stderr.write(question);
  try {
    return await lines.question("", { signal: AbortSignal.any([signal, interrupted.signal]) });
  } finally {
    lines.close();
    stderr.write("\n");
  }
}
