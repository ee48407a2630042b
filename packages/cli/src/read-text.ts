import { readFile } from "node:fs/promises";
import { addAbortSignal } from "node:stream";
import { text } from "node:stream/consumers";
import type { Streams } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** The text of a file, or of stdin where its name is "-". `flag` is what named it. */
export async function readText(
  flag: string,
  file: string,
  { stdin }: Streams,
  signal: AbortSignal,
): Promise<string> {
  if (file === "-") return text(addAbortSignal(signal, stdin));
  try {
    return decode(await readFile(file));
  } catch (error) {
    const { code = "no reason given" } = error as NodeJS.ErrnoException;
    throw new UsageError(`${flag}: cannot read ${file} (${code}); check the path`);
  }
}

/** UTF-8; or UTF-16, which PowerShell 5 writes where output goes to a file. */
function decode(bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
