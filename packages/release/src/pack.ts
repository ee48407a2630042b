import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { requireCleanTree } from "./clean-tree.ts";
import { runProgram, say } from "./program.ts";
import { readReleases } from "./read-releases.ts";
import { idOf } from "./release.ts";

const usage = `Usage: release:pack

Packs the packages whose version the registry does not have, as they were built, into .release.`;

await runProgram(usage, async () => {
  await requireCleanTree();
  const folder = resolve(".release");
  await rm(folder, { recursive: true, force: true });
  await promisify(execFile)("changeset", ["pack", "--out-dir", folder]).catch(
    ({ stdout, stderr }: { stdout: string; stderr: string }) => {
      throw new Error(`changeset pack failed:\n${stdout}${stderr}`);
    },
  );
  for (const release of await readReleases(folder)) {
    say(`packed ${idOf(release)} for the tag ${release.tag}, ${release.integrity}`);
  }
});
