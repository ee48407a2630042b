import { resolve } from "node:path";
import { requireCleanTree } from "./clean-tree.ts";
import { runProgram, say } from "./program.ts";
import { publishReleases } from "./publish-releases.ts";
import { readReleases } from "./read-releases.ts";

const usage = `Usage: release:publish

Publishes what release:pack left in .release, with npm, to the registry of npm's configuration. Where it was ended in the
middle, run it again: what is published is skipped. It needs npm and git, and no package of the workspace's.`;

await runProgram(usage, async () => {
  await requireCleanTree();
  await publishReleases(await readReleases(resolve(".release")), say);
});
