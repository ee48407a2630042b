import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A package of the workspace that is published. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly files?: readonly string[];
  readonly exports: Readonly<Record<string, unknown>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** In the order of their folders' names. */
export function findPublished(root: string): PublishedPackage[] {
  return globSync("packages/*/package.json", { cwd: root })
    .sort()
    .map((path) => join(root, path))
    .map((path) => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, "utf8")) }))
    .filter(({ manifest }) => manifest.private !== true);
}

export const publishedPackages = findPublished(join(import.meta.dirname, "../../.."));
