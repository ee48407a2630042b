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
const shortestSecret = 8;

/** What steers a terminal or turns the direction of its text. Of its own, a line has colours and ends. */
const steering =
  /(?!\u001b\[(?:1|2|22|31|32|39)m|\r?\n|\t)[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of servers, files and flags as it may be shown. What is changed means the same where it is JSON. */
function plain(text: string): string {
  return text.replace(steering, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function createTerminal(streams: Streams): Terminal {
  const { stdout, stderr, env } = streams;
  const hidden = new Set<string>();
  const shown = (line: string) =>
    plain([...hidden].reduce((text, secret) => text.replaceAll(secret, "[hidden]"), line));
  const reveal = async (line: string) => {
    if (!stdout.write(`${line}\n`)) await once(stdout, "drain");
  };
  return {
    ...streams,
    colors: pc.createColors(stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb"),
    hide(secret) {
      if (secret.length < shortestSecret) return;
      const inForm = new URLSearchParams({ s: secret }).toString().slice(2);
      const inJson = JSON.stringify(secret).slice(1, -1);
      for (const form of [secret, inJson, inForm, encodeURIComponent(secret)]) hidden.add(form);
    },
    print: (line) => reveal(shown(line)),
    note: (line) => void stderr.write(`${shown(line)}\n`),
    reveal,
  };
}
