import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll } from "vitest";
import { publishedPackages } from "./published-packages.test.support.ts";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "../../..");

/** A package as it would be published. */
export interface Packed {
  readonly name: string;
  /** Where it was packed from. */
  readonly folder: string;
  readonly tarball: string;
  /** Where its files were unpacked. */
  readonly unpacked: string;
  /** Their paths in there. */
  readonly files: readonly string[];
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Makes a folder outside the workspace, so that nothing is resolved from it. */
export async function makeFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "personify-auth-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Packs all packages for the tests of a file. */
export function usePacked(): { all(): readonly Packed[]; find(name: string): Packed } {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let packed: readonly Packed[] = [];
  beforeAll(async () => {
    folder = await makeFolder();
    packed = await packAll(folder.path);
  });
  afterAll(() => folder.remove());
  return {
    all: () => packed,
    find(name) {
      const one = packed.find((each) => each.name === name);
      if (one === undefined) throw new Error(`${name} was not packed`);
      return one;
    },
  };
}

/** Packs all published packages into `folder`. */
async function packAll(folder: string): Promise<Packed[]> {
  const filters = publishedPackages.map(({ manifest }) => `--filter=${manifest.name}`);
  const { stdout } = await run(
    "pnpm",
    [...filters, "--recursive", "pack", "--json", "--pack-destination", folder],
    { cwd: root },
  );
  const tarballs: readonly { name: string; filename: string }[] = JSON.parse(stdout);
  return Promise.all(
    publishedPackages.map(async ({ folder: source, manifest: { name } }) => {
      const tarball = tarballs.find((each) => each.name === name)?.filename ?? "";
      const unpacked = tarball.replace(/\.tgz$/, "");
      await mkdir(unpacked);
      await run("tar", ["-xzf", tarball, "-C", unpacked, "--strip-components=1"]);
      const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
      return {
        name,
        folder: source,
        tarball,
        unpacked,
        files: entries
          .filter((entry) => entry.isFile())
          .map((entry) => relative(unpacked, join(entry.parentPath, entry.name))),
        manifest: JSON.parse(await readFile(join(unpacked, "package.json"), "utf8")),
      };
    }),
  );
}

/** Installs tarballs and registry packages with npm, as a user would, and returns what npm printed. */
export async function npmInstall(folder: string, packages: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run(
    "npm",
    // Folders share most packages: what one has fetched, the next need not ask the registry for.
    ["install", "--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier", ...packages],
    { cwd: folder },
  );
  return stdout + stderr;
}

/** Runs a script with Node in `folder`, and returns its standard output. */
export async function runNode(
  folder: string,
  script: string,
  environment: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await run("node", [script], { cwd: folder, env: { ...process.env, ...environment } });
  return stdout;
}

/** What a compiler of this package says of a project in `folder`; nothing where it is content. */
export async function typeErrors(
  folder: string,
  compiler: string,
  project = "tsconfig.json",
): Promise<string> {
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), "bin/tsc");
  const compile = run("node", [tsc, "--project", project], { cwd: folder });
  const { stdout, stderr } = await compile.catch((failure: { stdout: string; stderr: string }) => failure);
  return stdout + stderr;
}
