import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Changes } from "./adapter-changes.ts";

/**
 * Writes all changes and does what comes after them; or, where any of it fails, leaves all files as they were.
 *
 * @param alsoChanged - files that `after` changes
 */
export function applyChanges(
  root: string,
  changes: Changes,
  alsoChanged: readonly string[],
  after: () => void,
): void {
  const before = new Map(
    [...changes.keys(), ...alsoChanged].map((path) => {
      const file = join(root, path);
      return [file, existsSync(file) ? readFileSync(file) : undefined];
    }),
  );
  const newFolders: string[] = [];
  try {
    for (const [path, content] of changes) {
      const created = mkdirSync(dirname(join(root, path)), { recursive: true });
      if (created !== undefined) newFolders.push(created);
      writeFileSync(join(root, path), content);
    }
    after();
  } catch (error) {
    for (const [file, content] of before) {
      if (content === undefined) rmSync(file, { force: true });
      else writeFileSync(file, content);
    }
    // With what was installed there.
    for (const folder of newFolders) rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
