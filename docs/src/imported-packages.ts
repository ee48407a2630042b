import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./site-paths.ts";

const packages = join(repository, "packages");

/** The folders in `packages` of what users import, core first. */
export const importedPackages: readonly string[] = readdirSync(packages)
  .filter((name) => {
    const manifest = join(packages, name, "package.json");
    if (!existsSync(manifest)) return false;
    const { private: isPrivate, bin } = JSON.parse(readFileSync(manifest, "utf8"));
    return isPrivate !== true && bin === undefined;
  })
  .toSorted((one, other) => Number(other === "core") - Number(one === "core"));
