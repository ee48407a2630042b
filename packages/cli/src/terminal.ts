import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import pc from "picocolors";

/** A stream that may be a terminal. */
type MaybeTerminal<Stream> = Stream & { readonly isTTY?: boolean };

/** Where a command reads from and writes to. */
export interface Streams {
  readonly stdin: MaybeTerminal<Readable>;
  readonly stdout: MaybeTerminal<Writable>;
  readonly stderr: MaybeTerminal<Writable>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The streams, with no way for a secret to get out but `reveal`. */
export interface Terminal extends Streams {
  /** For what is written to stdout. */
  readonly colors: ReturnType<typeof pc.createColors>;
  /** Masks this text in whatever is written from now on. */
  hide(secret: string): void;
  /** A line of the result, on stdout. Waits while its reader is behind. */
  print(line: string): Promise<void>;
  /** A line for people, on stderr: a note, an error. */
  note(line: string): void;
  /** A line of the result that may hold a secret: someone asked for it. */
  reveal(line: string): Promise<void>;
}

/** Shorter texts would be found in any other; no service hands out such a secret. */
const shortestSecret = 4;

export function createTerminal(streams: Streams): Terminal {
  const { stdin, stdout, stderr, env } = streams;
  const hidden = new Set<string>();
  const masked = (line: string) =>
    [...hidden].reduce((text, secret) => text.replaceAll(secret, "[hidden]"), line);
  const reveal = async (line: string) => {
    if (!stdout.write(`${line}\n`)) await once(stdout, "drain");
  };
  return {
    stdin,
    stdout,
    stderr,
    env,
    colors: pc.createColors(stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb"),
    hide(secret) {
      if (secret.length < shortestSecret) return;
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        hidden.add(form);
      }
    },
    print: (line) => reveal(masked(line)),
    note: (line) => void stderr.write(`${masked(line)}\n`),
    reveal,
  };
}
