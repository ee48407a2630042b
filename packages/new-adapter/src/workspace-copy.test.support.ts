import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

export interface WorkspaceCopy {
  readonly folder: string;
  /** Runs a command there. Rejects with all that it printed where it fails. */
  run(command: string, args: readonly string[], environment?: NodeJS.ProcessEnv): Promise<void>;
  /** What git sees as new or changed since the copy was made. */
  changedFiles(): Promise<string[]>;
  remove(): Promise<void>;
}

/** A copy of this workspace as it is, in a git repository of its own, with all installed and built. */
export async function copyWorkspace(): Promise<WorkspaceCopy> {
  const folder = await mkdtemp(join(tmpdir(), "personify-auth-"));
  const run: WorkspaceCopy["run"] = async (command, args, environment = {}) => {
    const options = { cwd: folder, env: { ...process.env, ...environment }, maxBuffer: 2 ** 26 };
    try {
      await execute(command, [...args], options);
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
    }
  };
  await run("git", ["init", "--quiet"]);
  await run("git", ["--git-dir=.git", `--work-tree=${root}`, "add", "--all"]);
  await run("git", ["checkout-index", "--all"]);
  for (const dist of globSync("packages/*/dist", { cwd: root })) {
    await cp(join(root, dist), join(folder, dist), { recursive: true, preserveTimestamps: true });
  }
  await run("pnpm", ["install", "--prefer-offline", "--frozen-lockfile"]);
  return {
    folder,
    run,
    async changedFiles() {
      const changed = ["ls-files", "--modified", "--others", "--exclude-standard"];
      const { stdout } = await execute("git", changed, { cwd: folder });
      return stdout.split("\n").filter(Boolean).sort();
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
