import { installedBy } from "./fences.test.support.ts";
import { type PublishedPackage, publishedPackages } from "./published-packages.test.support.ts";

/** Of the names of our own packages. */
export const scope = "@personify-auth/";

/** What a user installs: a package, with what its README says and what its types need, in one set of versions. */
export interface Consumer {
  /** Of the package, without its scope. */
  readonly name: string;
  /** Our own packages, with their scope. */
  readonly ours: readonly string[];
  /** The others, such as `express@5.3.0`. */
  readonly others: readonly string[];
}

/** The declarations of frameworks' older versions. */
const typesOf: Readonly<Record<string, string>> = {
  "express@4": "@types/express@4.17.25",
  "koa@2": "@types/koa@2.15.2",
};

/** What a user of TypeScript has, where the package names it nowhere. */
const declarations: Readonly<Record<string, readonly string[]>> = {
  cloudflare: ["@cloudflare/workers-types@5.20260730.1"],
};

/**
 * Each package that is published, in the versions that it is developed with, and once more in those that it has in its
 * devDependencies under another name: "express4": "npm:express@4.22.3".
 */
export function listConsumers(): Consumer[] {
  return publishedPackages.flatMap(consumersOf);
}

function consumersOf({ manifest }: PublishedPackage): Consumer[] {
  const { devDependencies = {}, peerDependencies = {} } = manifest;
  const name = manifest.name.slice(scope.length);
  const asked = installedBy(`packages/${name}/README.md`);
  const ours = new Set([manifest.name, ...asked.filter((each) => each.startsWith(scope))]);
  const newest = [...asked, ...Object.keys(peerDependencies)]
    .filter((each) => !each.startsWith(scope))
    .map((each) => {
      const version = devDependencies[each];
      if (version === undefined)
        throw new Error(`${each} is no devDependency of ${name}, whose users have it`);
      return `${each}@${version}`;
    });
  const aliased = Object.values(devDependencies)
    .filter((version) => version.startsWith("npm:"))
    .map((version) => version.slice("npm:".length))
    .filter((each) => packageOf(each) in peerDependencies);
  const older = [...Map.groupBy(aliased, packageOf).values()];
  const rounds = Math.max(0, ...older.map(({ length }) => length));
  const oldest = Array.from({ length: rounds }, (_, round) => older.flatMap((each) => each[round] ?? []));
  return [newest, ...oldest.map((versions) => replaced(newest, versions))].map((versions) => ({
    name,
    ours: [...ours],
    others: [...new Set(versions), ...(declarations[name] ?? [])],
  }));
}

/** `express@5.3.0` → `express`. */
export function packageOf(specifier: string): string {
  return specifier.slice(0, specifier.lastIndexOf("@"));
}

function replaced(newest: readonly string[], older: readonly string[]): string[] {
  const withTypes = older.flatMap((each) => [each, typesOf[each.replace(/\..*/, "")] ?? []].flat());
  return newest.map((each) => withTypes.find((other) => packageOf(other) === packageOf(each)) ?? each);
}
