import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { commit, git } from "./copy-working-tree.ts";
import type { LocalRegistry } from "./local-registry.ts";
import { type Place, run, start } from "./run.ts";

/** What the release workflow does, with its commands, in the repository at `cwd`. */
export function maintain(cwd: string, registry: LocalRegistry) {
  const place: Place = { cwd, env: { ...git, ...registry.variables } };
  const publishing: Place = { cwd, env: { ...place.env, ...registry.credentials } };
  const publish = ["packages/release/src/publish.ts"];
  const pnpm = (...args: string[]) => run("pnpm", args, place);

  return {
    install: () => run("pnpm", ["install", "--frozen-lockfile", "--prefer-offline"], { cwd }),

    async addPatch(name: string): Promise<void> {
      await writeFile(join(cwd, ".changeset/rehearsal.md"), `---\n"${name}": patch\n---\n\nA rehearsal.\n`);
      await commit(cwd, "Add a changeset");
    },

    async version(): Promise<void> {
      await pnpm("release:version");
      await commit(cwd, "Version packages");
    },

    build: (names: readonly string[]) =>
      pnpm("exec", "tsc", "-b", ...names.map((name) => name.replace("@personify-auth/", "packages/"))),

    check: () =>
      pnpm(
        ...["--filter", "@personify-auth/pack-checks", "exec", "vitest", "run"],
        // Versions change manifests; the types are checked with the packages.
        ...["--config", "../../vitest.config.ts", "src/packed-packages.test.ts", "-t", "as published"],
      ),

    /** Resolves with "NAME@VERSION" of each package that is to be published. */
    async pack(): Promise<string[]> {
      return idsIn("packed", await pnpm("release:pack"));
    },

    /** Publishes, and is killed as it sets about the package after the first `count` ones. */
    async publishSome(count: number): Promise<string[]> {
      const { lines, end } = start(process.execPath, publish, publishing);
      let output = "";
      for await (const line of lines) {
        output += `${line}\n`;
        if (idsIn("publishing", output).length > count) break;
      }
      await end();
      return idsIn("published", output);
    },

    /** Resolves with what was published now, and what was before. */
    async publish(): Promise<{ now: string[]; before: string[] }> {
      const output = await run(process.execPath, publish, publishing);
      return { now: idsIn("published", output), before: idsIn("already published", output) };
    },

    /** Resolves with all tags. */
    async tag(): Promise<string[]> {
      await run(process.execPath, ["packages/release/src/tag.ts"], place);
      return (await run("git", ["tag"], place)).trim().split("\n").sort();
    },
  };
}

function idsIn(told: string, output: string): string[] {
  return [...output.matchAll(new RegExp(`^${told} (\\S+@\\S+)`, "gm"))].map(([, id = ""]) => id).sort();
}
