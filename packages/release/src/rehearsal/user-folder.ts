import { globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LocalRegistry } from "./local-registry.ts";
import { run } from "./run.ts";

const flags = ["--no-audit", "--no-fund", "--no-update-notifier"];

/** Installs packages with npm into a new folder, ours from the local registry, others from that of whoever runs this. */
export async function installInto(
  folder: string,
  registry: LocalRegistry,
  names: readonly string[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, ".npmrc"), `@personify-auth:registry=${registry.url}\n`);
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true }));
  await run("npm", ["install", ...flags, ...names], { cwd: folder });
}

/** Takes the newest versions that package.json allows. */
export async function updateOurs(folder: string): Promise<void> {
  await run("npm", ["update", ...flags], { cwd: folder });
}

/** Name → version of our packages that are installed in `folder`; throws where one is there twice. */
export async function installedOurs(folder: string): Promise<Record<string, string>> {
  const installed: Record<string, string> = {};
  for (const path of globSync("node_modules/**/@personify-auth/*/package.json", { cwd: folder })) {
    const { name, version } = JSON.parse(await readFile(join(folder, path), "utf8"));
    if (name in installed) throw new Error(`${name} is installed as ${installed[name]} and as ${version}`);
    installed[name] = version;
  }
  return installed;
}
