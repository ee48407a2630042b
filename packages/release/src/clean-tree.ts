import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Rejects where the working tree is not what was committed: a tag would name something else than what is released. */
export async function requireCleanTree(): Promise<void> {
  const { stdout } = await run("git", ["status", "--porcelain", "--untracked-files"]);
  if (stdout !== "") throw new Error(`Commit or stash first; these files are not as committed:\n${stdout}`);
}
