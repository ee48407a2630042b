import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../..");

/** A fence of code, such as ```js, or ```ts server.ts, which names its file. */
export interface Fence {
  readonly language: string;
  readonly file: string;
  readonly code: string;
}

/** The fences of a page, which may stand in a list. */
export function fencesOf(page: string): Fence[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^ *```(\w*) ?(.*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, language = "", file = "", code = ""]) => ({ language, file, code }),
  );
}

/** What the `npm install` lines of a page name. */
export function installedBy(page: string): string[] {
  return fencesOf(page)
    .flatMap(({ code }) => code.split("\n"))
    .filter((line) => line.startsWith("npm install "))
    .flatMap((line) => line.split(" ").filter((word, index) => index > 1 && !word.startsWith("-")));
}
