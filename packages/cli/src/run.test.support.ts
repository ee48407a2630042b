import { PassThrough } from "node:stream";
import { run } from "./run.ts";

interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What is typed or piped in. */
  readonly stdin?: string;
  /** Whether all three streams are terminals. */
  readonly isTerminal?: boolean;
  readonly signal?: AbortSignal;
}

/** Runs a command in this process, with streams of its own. */
export async function runCli(args: readonly string[], given: Given = {}) {
  const { started, result } = startCli(args, given);
  return { code: await result, ...started() };
}

export function startCli(args: readonly string[], { env = {}, stdin, isTerminal = false, signal }: Given) {
  const written = { stdout: "", stderr: "" };
  const capture = (name: keyof typeof written) => {
    const stream = Object.assign(new PassThrough(), { isTTY: isTerminal });
    return stream.on("data", (chunk) => (written[name] += chunk));
  };
  const input = Object.assign(new PassThrough(), { isTTY: isTerminal });
  if (stdin !== undefined) input.end(stdin);
  const streams = { stdin: input, stdout: capture("stdout"), stderr: capture("stderr"), env };
  const result = run(args, { ...streams, signal: signal ?? new AbortController().signal });
  return { started: () => ({ ...written }), result };
}
