import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Consumer, packageOf, scope } from "./consumer.test.support.ts";
import { makeFolder, npmInstall, type Packed } from "./packed.test.support.ts";
import { type Snippet, snippetsOf } from "./snippets.test.support.ts";

const consumersFolder = join(import.meta.dirname, "../consumers");

/** A folder outside the workspace in which a user has installed a package. */
export interface Installed {
  readonly folder: string;
  readonly npmOutput: string;
  /** By their places: `node_modules/…`. */
  readonly packages: Readonly<Record<string, LockedPackage>>;
  readonly snippets: readonly Snippet[];
  readonly remove: () => Promise<void>;
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Installs what a user would, and writes there what tries it. */
export async function installConsumer(consumer: Consumer, packed: readonly Packed[]): Promise<Installed> {
  const { path: folder, remove } = await makeFolder();
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: "consumer", private: true, type: "module" }),
  );
  const npmOutput = await npmInstall(folder, [
    ...tarballsOf(consumer.ours, packed),
    ...consumer.others,
    ...besides,
  ]);
  const lock = JSON.parse(await readFile(join(folder, "node_modules/.package-lock.json"), "utf8"));
  await copyConsumer(folder, consumer.name);
  const snippets = snippetsOf(consumer.name);
  for (const { name, code } of snippets) await writeFile(join(folder, name), code);
  return { folder, npmOutput, packages: lock.packages, snippets, remove };
}

/** What checking the types takes. */
const besides = ["@types/node@24.19.2", "expect-type@1.4.0"];

/** Until they are published, packages of ours that others depend on have to be named as well. */
function tarballsOf(names: readonly string[], packed: readonly Packed[]): string[] {
  const found = new Set(names);
  for (const name of found) {
    const one = packed.find((each) => each.name === name);
    if (one === undefined) throw new Error(`${name} was not packed`);
    for (const dependency of Object.keys(one.manifest["dependencies"] ?? {})) {
      if (dependency.startsWith(scope)) found.add(dependency);
    }
  }
  return packed.filter(({ name }) => found.has(name)).map(({ tarball }) => tarball);
}

/** Copies what checks the types of a package, and the compiler's settings, into `folder`. */
async function copyConsumer(folder: string, name: string): Promise<void> {
  const files = await readdir(consumersFolder);
  for (const file of files.filter((file) => file.startsWith("tsconfig.") || file.startsWith(`${name}.`))) {
    await copyFile(join(consumersFolder, file), join(folder, file));
  }
  // One for workerd has Cloudflare's declarations in the place of Node's and a browser's.
  const own = `${name}.tsconfig.json`;
  if (files.includes(own)) await copyFile(join(consumersFolder, own), join(folder, "tsconfig.json"));
}

/** Where packages are that came with nothing but a package of ours: `node_modules/…`, one for each copy. */
export function broughtByUs({ others }: Consumer, { packages }: Installed): string[] {
  const asked = new Set([...others, ...besides].map((each) => `node_modules/${packageOf(each)}`));
  for (const path of asked) {
    const { dependencies, peerDependencies, optionalDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
      const found = locate(name, path, packages);
      if (found !== undefined) asked.add(found);
    }
  }
  return Object.keys(packages).filter((path) => !asked.has(path));
}

/** Where Node finds a package for the one at `from`. */
function locate(name: string, from: string, packages: Installed["packages"]): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in packages || folder === "") return path in packages ? path : undefined;
  }
}
