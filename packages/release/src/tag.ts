import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { requireCleanTree } from "./clean-tree.ts";
import { runProgram, say } from "./program.ts";
import { readReleases } from "./read-releases.ts";
import { idOf } from "./release.ts";

const usage = `Usage: release:tag

Tags the commit with NAME@VERSION of each package that release:pack left in .release, as changesets names its tags. It
needs git, and no package of the workspace's: where it runs, a token that writes to the repository comes next.`;

const run = promisify(execFile);

await runProgram(usage, async () => {
  await requireCleanTree();
  const { stdout } = await run("git", ["tag", "--points-at", "HEAD"]);
  const tagged = stdout.split("\n");
  for (const release of await readReleases(resolve(".release"))) {
    const tag = idOf(release);
    if (!tagged.includes(tag)) await run("git", ["tag", tag]);
    say(`tagged ${tag}`);
  }
});
