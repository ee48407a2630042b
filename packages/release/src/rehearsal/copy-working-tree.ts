import { globSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./run.ts";

/** Git without the settings of whoever runs this, such as hooks and signatures. */
export const git = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Rehearsal",
  GIT_AUTHOR_EMAIL: "rehearsal@localhost",
  GIT_COMMITTER_NAME: "Rehearsal",
  GIT_COMMITTER_EMAIL: "rehearsal@localhost",
};

/** Makes a repository whose only commit is the working tree of `from` as it is now, but for what git ignores. */
export async function copyWorkingTree(from: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const place = { cwd: folder, env: git };
  await run("git", ["init", "--quiet", "--initial-branch=main"], place);
  await run("git", ["--git-dir=.git", `--work-tree=${from}`, "add", "--all"], place);
  await run("git", ["commit", "--quiet", "--message=Copy the working tree"], place);
  await run("git", ["reset", "--quiet", "--hard"], place);
}

/** Copies what was built too: the next build renews what is out of date, as it does in a working tree. */
export async function copyBuilt(from: string, folder: string): Promise<void> {
  for (const dist of globSync("packages/*/dist", { cwd: from })) {
    await cp(join(from, dist), join(folder, dist), { recursive: true, preserveTimestamps: true });
  }
}

/** Commits all that changed. */
export async function commit(folder: string, message: string): Promise<void> {
  const place = { cwd: folder, env: git };
  await run("git", ["add", "--all"], place);
  await run("git", ["commit", "--quiet", "--message", message], place);
}
