import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import type { Emulator } from "@personify-auth/emulator";
import { afterAll, beforeAll } from "vitest";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const packagesFolder = join(import.meta.dirname, "../..");

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

/** Packs every package that is not private into `folder`. */
async function packAll(folder: string): Promise<Packed[]> {
  const sources = (await readdir(packagesFolder)).map((name) => join(packagesFolder, name));
  const packed = await Promise.all(
    sources.map(async (source) => {
      const manifest = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
      return manifest.private === true ? [] : [await pack(source, folder)];
    }),
  );
  return packed.flat();
}

async function pack(source: string, folder: string): Promise<Packed> {
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", folder], { cwd: source });
  const { name, filename } = JSON.parse(stdout) as { name: string; filename: string };
  const unpacked = filename.replace(/\.tgz$/, "");
  await mkdir(unpacked);
  await run("tar", ["-xzf", filename, "-C", unpacked, "--strip-components=1"]);
  const entries = await readdir(unpacked, { recursive: true, withFileTypes: true });
  return {
    name,
    folder: source,
    tarball: filename,
    unpacked,
    files: entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(unpacked, join(entry.parentPath, entry.name))),
    manifest: JSON.parse(await readFile(join(unpacked, "package.json"), "utf8")),
  };
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

/** Starts a script that listens, and resolves with its address once it does; rejects where it ends before. */
export async function startNode(
  folder: string,
  script: string,
  environment: Record<string, string>,
  args: readonly string[] = [],
): Promise<{ url: string; stop: () => void }> {
  // The script says nowhere which port it was given, so a hook that is loaded before it does.
  const hook = `import { Server } from "node:net";
const { listen } = Server.prototype;
Server.prototype.listen = function (...args) {
  return listen.apply(this.once("listening", () => process.send(this.address().port)), args);
};`;
  const child = fork(join(folder, script), [...args], {
    cwd: folder,
    silent: true,
    env: { ...process.env, ...environment },
    execArgv: ["--import", `data:text/javascript,${encodeURIComponent(hook)}`],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const ended = once(child, "exit").then(() => {
    throw new Error(`${script} ended before it listened:\n${output}`);
  });
  const [port] = await Promise.race([once(child, "message"), ended]);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}

/** The variables of `optionsFromEnv` for an emulator. */
export function emulatorVariables(emulator: Emulator): Record<string, string> {
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  return {
    PERSONIFY_CLIENT_ID: clientId,
    PERSONIFY_CLIENT_SECRET: clientSecret,
    PERSONIFY_TENANT_ID: tenantId,
    PERSONIFY_API_BASE_URL: emulator.apiBaseUrl,
    PERSONIFY_TOKEN_URL: emulator.tokenUrl,
    PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
  };
}
