import { copyFile, cp, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Packed } from "./packed.test.support.ts";

const repository = join(import.meta.dirname, "../../..");

/** How a project finds its modules, with the kind of modules that goes with it. */
export const resolutions = { node16: "node16", nodenext: "nodenext", bundler: "esnext" };

/** Writes a project for each way of resolving modules into `folder`, under its name. They import every package. */
export async function writeProjects(packed: readonly Packed[], folder: string): Promise<void> {
  await linkModule("@types/node", repository, folder);
  for (const { name, folder: source, unpacked, manifest } of packed) {
    await cp(unpacked, join(folder, "node_modules", name), { recursive: true });
    const dependencies = ["dependencies", "peerDependencies"].flatMap((field) =>
      Object.keys(manifest[field] ?? {}),
    );
    for (const each of dependencies.filter((each) => !each.startsWith("@personify-auth/"))) {
      await linkModule(each, source, folder);
    }
  }
  for (const [moduleResolution, module] of Object.entries(resolutions)) {
    const project = join(folder, moduleResolution);
    await mkdir(project);
    await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      target: "es2024",
      lib: ["es2024"],
      types: ["node"],
      module,
      moduleResolution,
    };
    await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    for (const { name } of packed) {
      const file = join(project, name.replace("@personify-auth/", ""));
      await writeFile(`${file}.ts`, `export * from "${name}";\n`);
      // The others of these know no require of an ES module.
      if (module === "nodenext")
        await writeFile(`${file}.cts`, `import all = require("${name}");\nexport = all;\n`);
    }
    // A Worker's project has the types of its runtime from Cloudflare.
    const workers = "cloudflare-workers.d.ts";
    await copyFile(join(repository, "packages/cloudflare/src", workers), join(project, workers));
  }
}

/** Makes a package that `source` has in the workspace one of `folder`, at the version that is tested there. */
async function linkModule(name: string, source: string, folder: string): Promise<void> {
  const link = join(folder, "node_modules", name);
  await mkdir(dirname(link), { recursive: true });
  const target = await realpath(join(source, "node_modules", name));
  await symlink(target, link, "junction").catch((error: NodeJS.ErrnoException) => {
    // Another package has it too.
    if (error.code !== "EEXIST") throw error;
  });
}
