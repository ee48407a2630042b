import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { idOf, type Release } from "./release.ts";

const run = promisify(execFile);

/** Asks the registry of npm's configuration for a version, and resolves with its integrity where it has it. */
export function publishedIntegrity(release: Release): Promise<string | undefined> {
  return view(idOf(release), "dist.integrity");
}

/** Resolves with the version that a dist-tag names, where there is one. */
export function taggedVersion({ name, tag }: Release): Promise<string | undefined> {
  return view(`${name}@${tag}`, "version");
}

async function view(id: string, field: string): Promise<string | undefined> {
  try {
    // What npm remembers of an earlier answer may be older than what was published since.
    const flags = ["--json", "--prefer-online", "--loglevel=silent"];
    const { stdout } = await run("npm", ["view", id, field, ...flags]);
    return JSON.parse(stdout);
  } catch (failure) {
    const { stdout = "", message } = failure as Error & { stdout?: string };
    const error = /^\s*\{/.test(stdout) ? JSON.parse(stdout).error : { summary: message };
    if (error.code === "E404") return undefined;
    throw new Error(`The registry does not tell whether it has ${id}: ${error.summary}`);
  }
}

/** Resolves with whether npm says that it published the tarball. What it has to say otherwise, it prints. */
export async function publishTarball({ tarball, access, tag }: Release): Promise<boolean> {
  const args = ["publish", tarball, "--access", access, "--tag", tag, "--loglevel=error"];
  // It may have to ask for a second factor, which it does at a terminal only.
  const [code] = await once(spawn("npm", args, { stdio: "inherit" }), "exit");
  return code === 0;
}

export async function isProvenanceAsked(): Promise<boolean> {
  const { stdout } = await run("npm", ["config", "get", "provenance"]);
  return stdout.trim() === "true";
}
