import type { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Readable } from "node:stream";

/** Reports what this process and those that it starts print, as it is printed. Returns how to stop it. */
export function watchOutput(report: (place: string, text: string) => void): () => void {
  const undo = (["stdout", "stderr"] as const).map((name) => {
    const stream = process[name];
    const { write } = stream;
    stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
      report(name, Buffer.from(chunk as string).toString());
      return write.call(stream, chunk, ...rest);
    }) as typeof write;
    return () => {
      stream.write = write;
    };
  });
  const started = (message: unknown) => {
    const { process: child } = message as { process: ChildProcess };
    // It has its streams once it runs, which is before the one that started it can read from them.
    process.nextTick(() => {
      readAlong(child.stdout, (text) => report("stdout of a child process", text));
      readAlong(child.stderr, (text) => report("stderr of a child process", text));
    });
  };
  subscribe("child_process", started);
  return () => {
    unsubscribe("child_process", started);
    for (const restore of undo) restore();
  };
}

/** Sees what arrives without reading it: a listener for data would take it away from the stream's owner. */
function readAlong(stream: Readable | null, see: (text: string) => void): void {
  if (stream === null) return;
  const { push } = stream;
  stream.push = (chunk, encoding) => {
    if (chunk !== null) see(Buffer.from(chunk).toString());
    return push.call(stream, chunk, encoding);
  };
}
