import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A package of the workspace that is published. */
export interface PublishedPackage {
  readonly folder: string;
  readonly manifest: Manifest;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/** In the order of their folders' names. */
export const publishedPackages: readonly PublishedPackage[] = globSync(
  join(import.meta.dirname, "../../*/package.json"),
)
  .sort()
  .map((path) => ({ folder: dirname(path), manifest: JSON.parse(readFileSync(path, "utf8")) }))
  .filter(({ manifest }) => manifest.private !== true);
