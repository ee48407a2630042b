import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { isProvenanceAsked } from "./npm.ts";
import type { Release } from "./release.ts";

const run = promisify(execFile);

/** What `changeset pack` writes beside its tarballs: groups of packages, each after those that it depends on. */
interface PublishPlan {
  readonly plan: readonly (readonly {
    readonly name: string;
    readonly version: string;
    readonly access: string;
    readonly tag: string;
    readonly tarball: { readonly path: string; readonly integrity: string };
  }[])[];
}

/** Reads what was packed into `folder`, in the order in which it can be published, and checks that it may be. */
export async function readReleases(folder: string): Promise<Release[]> {
  const { plan } = await readPlan(join(folder, "publish-plan.json"));
  const provenance = await isProvenanceAsked();
  const releases: Release[] = [];
  for (const { tarball: packed, name, version, access, tag } of plan.flat()) {
    const tarball = join(folder, packed.path);
    const bytes = await readFile(tarball);
    if (digest("sha256", bytes) !== packed.integrity) {
      throw new Error(`${tarball} is not what was packed; run release:pack again`);
    }
    const { stdout } = await run("tar", ["-xzOf", tarball, "package/package.json"]);
    const manifest = JSON.parse(stdout);
    if (manifest.name !== name || manifest.version !== version) {
      throw new Error(`${tarball} holds ${manifest.name} ${manifest.version}, not ${name} ${version}`);
    }
    checkManifest(manifest, provenance);
    releases.push({ name, version, access, tag, tarball, integrity: digest("sha512", bytes) });
  }
  return releases;
}

async function readPlan(path: string): Promise<PublishPlan> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(`Nothing was packed: there is no ${path}; run release:pack first`);
  }
}

function checkManifest(manifest: Record<string, string | undefined>, provenance: boolean): void {
  const { name, version = "", repository } = manifest;
  // So begin those of snapshots, too.
  if (/^0\.0\.0(-|$)/.test(version)) {
    throw new Error(`${name} has no version yet: give it a changeset, and run release:version`);
  }
  if (provenance && repository === undefined) {
    throw new Error(
      `${name} does not tell its repository, which npm compares with its provenance; set GITHUB_SERVER_URL and GITHUB_REPOSITORY when it is packed, as GitHub Actions does, or leave out NPM_CONFIG_PROVENANCE`,
    );
  }
}

function digest(algorithm: "sha256" | "sha512", bytes: Uint8Array): string {
  return `${algorithm}-${createHash(algorithm).update(bytes).digest("base64")}`;
}
