import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const packagesFolder = join(import.meta.dirname, "../..");

/** A package as it would be published. */
export interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** Paths inside the tarball, without its "package/". */
  readonly files: readonly string[];
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Makes a folder outside the workspace, so that nothing is resolved from it. */
export async function makeFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "personify-auth-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Packs every package that is not private into `folder`. */
export async function packAll(folder: string): Promise<Packed[]> {
  const packed: Packed[] = [];
  for (const name of await readdir(packagesFolder)) {
    const source = join(packagesFolder, name);
    const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
    if (manifest.private !== true) packed.push(await pack(source, folder));
  }
  return packed;
}

async function pack(source: string, folder: string): Promise<Packed> {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], { cwd: source });
  const { name, filename } = JSON.parse(stdout) as { name: string; filename: string };
  const { stdout: list } = await run("tar", ["-tzf", filename]);
  const { stdout: manifest } = await run("tar", ["-xzOf", filename, "package/package.json"]);
  return {
    name,
    tarball: filename,
    files: list
      .trim()
      .split("\n")
      .map((path) => path.replace(/^package\//, "")),
    manifest: JSON.parse(manifest),
  };
}

/** Installs tarballs and registry packages with npm, as a user would, and returns what npm printed. */
export async function npmInstall(folder: string, packages: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(
    "npm",
    ["install", "--no-audit", "--no-fund", "--no-update-notifier", ...packages],
    { cwd: folder },
  );
  return stdout + stderr;
}

/** Runs a script with Node in `folder`, and returns its standard output. */
export async function runNode(folder: string, script: string): Promise<string> {
  const { stdout } = await run("node", [script], { cwd: folder });
  return stdout;
}
