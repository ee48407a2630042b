import { execFile } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { fencesOf, installedBy } from "./fences.test.support.ts";
import { makeFolder, npmInstall, type Packed, typeErrors } from "./packed.test.support.ts";

const run = promisify(execFile);
const recipesFolder = join(import.meta.dirname, "../../../docs/recipes");

/** A recipe in a folder of its own, with its files and the packages that it says to install. */
export interface Recipe {
  readonly folder: string;
  /** The shell lines that install nothing. */
  readonly commands: readonly string[];
  /** What its compiler, or its build, complained of. */
  readonly problems: string;
  readonly remove: () => Promise<void>;
}

/** The names of all recipes. */
export async function listRecipes(): Promise<string[]> {
  return (await readdir(recipesFolder)).map((file) => file.replace(/\.md$/, "")).sort();
}

/**
 * Writes a recipe's files into an empty folder outside the workspace, and installs there what its `npm install` lines
 * name and `besides`: what an app of its kind has anyway. `versions` pins each package that is not packed here.
 */
export async function prepareRecipe(
  name: string,
  setup: {
    readonly packed: readonly Packed[];
    readonly versions: Readonly<Record<string, string>>;
    readonly besides: readonly string[];
    readonly compilerOptions: Readonly<Record<string, unknown>>;
    /** Files that the recipe does not have, by their names. */
    readonly more?: Readonly<Record<string, string>>;
    /** Returns what went wrong. Default: compiles. */
    readonly build?: (folder: string) => Promise<string>;
  },
): Promise<Recipe> {
  const { files, commands, packages } = readRecipe(name);
  const { path: folder, remove } = await makeFolder();
  const manifest = { name: "app", private: true, type: "module" };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ compilerOptions: setup.compilerOptions, exclude: ["node_modules", "dist"] }),
  );
  for (const [path, code] of [...files, ...Object.entries(setup.more ?? {})]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), code);
  }
  const locate = (wanted: string) => {
    const version = setup.versions[wanted];
    const located =
      setup.packed.find((one) => one.name === wanted)?.tarball ?? (version && `${wanted}@${version}`);
    if (located === undefined) throw new Error(`${name}.md installs ${wanted}, which has no pinned version`);
    return located;
  };
  await npmInstall(folder, [...packages, ...setup.besides].map(locate));
  return {
    folder,
    commands,
    problems: await (setup.build ?? ((at) => typeErrors(at, "typescript")))(folder),
    remove,
  };
}

function readRecipe(name: string) {
  const page = `docs/recipes/${name}.md`;
  const fences = fencesOf(page);
  const files = fences.filter(({ language }) => language !== "sh");
  const unnamed = files.find(({ file }) => file === "");
  if (unnamed !== undefined) throw new Error(`an example names no file:\n${unnamed.code}`);
  return {
    files: files.map(({ file, code }) => [file, code] as const),
    commands: fences
      .filter(({ language }) => language === "sh")
      .flatMap(({ code }) => code.trim().split("\n"))
      .filter((line) => !line.startsWith("npm install ")),
    packages: installedBy(page),
  };
}

/** What a command printed, and its exit code: null where it was ended because it took longer than `timeout` ms. */
export async function runShell(
  folder: string,
  command: string,
  environment: Readonly<Record<string, string | undefined>>,
  timeout = 15_000,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const ended = run("sh", ["-c", `exec env ${command}`], {
    cwd: folder,
    env: { ...process.env, ...environment },
    timeout,
  });
  return ended.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  );
}
