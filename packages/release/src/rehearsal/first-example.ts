import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes the first JavaScript example of a page, named by its path in the repository, into `folder`. */
export async function writeFirstExample(repository: string, page: string, folder: string): Promise<string> {
  const text = await readFile(join(repository, page), "utf8");
  const code = /^```js\n([\s\S]*?)^```$/m.exec(text)?.[1];
  if (code === undefined) throw new Error(`${page} has no JavaScript example`);
  const script = join(folder, "example.mjs");
  await writeFile(script, code);
  return script;
}
