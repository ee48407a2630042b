import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { type Program, runs } from "./program.ts";

/** Debian and Ubuntu split the server over both. */
const packages = ["redis-server", "redis-tools"];

/**
 * The Redis of the system's own distribution, unpacked into `cache` with the libraries that the system lacks. Nothing is
 * installed, and no rights are needed.
 */
export async function unpackProgram(cache: string, env: NodeJS.ProcessEnv): Promise<Program> {
  if (runs(programIn(cache))) return programIn(cache);
  await mkdir(dirname(cache), { recursive: true });
  // Made beside the cache and moved there whole: tests of several processes may be here at once.
  const folder = await mkdtemp(`${cache}-`);
  try {
    await fillFolder(folder, env);
    if (!runs(programIn(folder))) throw new Error("the Redis that was unpacked does not run here");
    await rename(folder, cache).catch(async () => {
      // Another process was faster; or what is there came from another machine.
      if (runs(programIn(cache))) return;
      await rm(cache, { recursive: true, force: true });
      await rename(folder, cache);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return programIn(cache);
}

function programIn(folder: string): Program {
  const libraries = globSync(["usr/lib/*-linux-gnu*", "lib/*-linux-gnu*"], { cwd: folder });
  return {
    path: join(folder, "usr/bin/redis-server"),
    env: { ...process.env, LD_LIBRARY_PATH: libraries.map((path) => join(folder, path)).join(":") },
  };
}

async function fillFolder(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const run = (file: string, args: readonly string[]) =>
    promisify(execFile)(file, args, { cwd: folder, env });

  async function download(options: readonly string[]): Promise<void> {
    const { stdout } = await run("apt-get", [
      ...options,
      "--simulate",
      "install",
      "--no-install-recommends",
      ...packages,
    ]);
    const missing = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, name = ""]) => name);
    await run("apt-get", [...options, "download", ...new Set([...packages, ...missing])]);
  }

  try {
    await download([]);
  } catch {
    // The system's package lists are missing, as in an image of a container, or out of date.
    const lists = join(folder, "lists");
    await mkdir(join(lists, "partial"), { recursive: true });
    const settings = [`Dir::State::Lists=${lists}`, "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="];
    const options = settings.flatMap((setting) => ["-o", setting]);
    await run("apt-get", [...options, "update"]);
    await download(options);
    await rm(lists, { recursive: true });
  }
  for (const file of globSync("*.deb", { cwd: folder })) {
    await run("dpkg-deb", ["--extract", file, "."]);
    await rm(join(folder, file));
  }
}
