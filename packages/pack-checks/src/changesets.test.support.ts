import { execFile } from "node:child_process";
import { readFile, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { readChangesets } from "@changesets/read";
import { findPublished, type PublishedPackage } from "./published-packages.test.support.ts";

type NewChangeset = Awaited<ReturnType<typeof readChangesets>>[number];

const run = promisify(execFile);

/** What is wrong with the changesets, and what the changes were counted from: nothing where there is no history. */
export interface Verdict {
  readonly since: readonly string[];
  readonly faults: readonly string[];
}

/** A stretch of history whose changes belong together. */
interface Span {
  readonly from: string;
  /** A commit; undefined for the files as they are. */
  readonly to?: string;
  /** What a reader knows `from` by. */
  readonly since: string;
}

/** Whether each change to a published package has a changeset that names it, and each major is meant. */
export async function judgeChangesets(root: string): Promise<Verdict> {
  const packages = findPublished(root);
  const changesets = await readChangesets(root);
  const spans = await findSpans(root);
  const faults = changesets.flatMap((changeset) => faultsIn(changeset, packages));
  // From the newest span on: a changeset that was forgotten may come later.
  const told = new Set<string>();
  for (const span of spans) {
    const changed = await changedFiles(root, span);
    for (const { id, releases } of changesets) {
      if (changed.includes(`.changeset/${id}.md`)) for (const { name } of releases) told.add(name);
    }
    for (const each of packages.filter(({ manifest }) => !told.has(manifest.name))) {
      const files = await shippedFiles(root, each, changed, span);
      if (files.length === 0) continue;
      faults.push(
        `${each.manifest.name} has changed since ${span.since} without a changeset: ${files.join(", ")}`,
      );
    }
  }
  return { since: spans.map(({ since }) => since), faults };
}

function faultsIn({ id, releases, summary }: NewChangeset, packages: readonly PublishedPackage[]): string[] {
  const isMeant = /^Breaking: \S/m.test(summary);
  if (summary === "" && releases.some(({ type }) => type !== "none")) {
    return [`.changeset/${id}.md tells users nothing`];
  }
  return releases.flatMap(({ name, type }) => {
    if (!packages.some(({ manifest }) => manifest.name === name)) {
      return [`.changeset/${id}.md names ${name}, which is not published`];
    }
    if (type !== "major" || isMeant) return [];
    return [
      `.changeset/${id}.md makes a major of ${name}, and has no line "Breaking: …" that tells what breaks`,
    ];
  });
}

/**
 * What was not on main yet is one span, whatever its commits. Where no remote tells what has landed, what is not
 * committed is one, and on main itself so is the last commit.
 */
async function findSpans(root: string): Promise<Span[]> {
  const top = await tryGit(root, "rev-parse", "--show-toplevel");
  const head = await tryGit(root, "rev-parse", "--verify", "HEAD");
  if (top === undefined || head === undefined || (await realpath(top)) !== (await realpath(root))) return [];
  const { baseBranch } = JSON.parse(await readFile(join(root, ".changeset/config.json"), "utf8"));
  const refs = await git(root, "for-each-ref", "--format=%(refname)", `refs/remotes/*/${baseBranch}`);
  const bases = await Promise.all(
    (refs || `refs/heads/${baseBranch}`).split("\n").map((ref) => findBase(root, ref)),
  );
  // A fork's main may be behind that of the repository that it was made of.
  const [base] = bases.flat().sort((a, b) => a.ahead - b.ahead);
  if (base && (refs !== "" || base.ahead > 0)) return [base];
  const last = await tryGit(root, "rev-parse", "--verify", "HEAD^1");
  // What is missing of a shallow clone is not known to be unchanged.
  if (!last && (await git(root, "rev-parse", "--is-shallow-repository")) === "true") return [];
  const uncommitted = { from: head, since: `the last commit (${head.slice(0, 7)})` };
  return last
    ? [uncommitted, { from: last, to: head, since: `the commit before (${last.slice(0, 7)})` }]
    : [uncommitted];
}

/** Where the work left the branch that `ref` names, and how many commits ago. */
async function findBase(root: string, ref: string): Promise<(Span & { readonly ahead: number })[]> {
  const from = await tryGit(root, "merge-base", "HEAD", ref);
  if (from === undefined) return [];
  const ahead = Number(await git(root, "rev-list", "--count", `${from}..HEAD`));
  return [{ from, ahead, since: `${ref.replace(/^refs\/(heads|remotes)\//, "")} (${from.slice(0, 7)})` }];
}

async function changedFiles(root: string, { from, to }: Span): Promise<string[]> {
  const changed = await git(root, "diff", "--name-only", "--no-renames", "-z", from, ...(to ? [to] : []));
  const added = to ? "" : await git(root, "ls-files", "--others", "--exclude-standard", "-z");
  return `${changed}${added}`.split("\0").filter((file) => file !== "");
}

/** Those of the changed files whose change users get. */
async function shippedFiles(
  root: string,
  { folder, manifest: { files = [] } }: PublishedPackage,
  changed: readonly string[],
  { from, to }: Span,
): Promise<string[]> {
  const prefix = `${relative(root, folder)}/`;
  const own = changed.filter((file) => file.startsWith(prefix));
  const shipped = own.filter((file) => isShipped(file.slice(prefix.length), files));
  const manifest = `${prefix}package.json`;
  if (!changed.includes(manifest)) return shipped;
  const before = await tryGit(root, "show", `${from}:${manifest}`);
  const after = await (to ? git(root, "show", `${to}:${manifest}`) : readFile(join(root, manifest), "utf8"));
  return before && publishedPart(before) === publishedPart(after) ? shipped : [...shipped, manifest];
}

/** Whether a file is published, as it is or built into `dist`. */
function isShipped(file: string, published: readonly string[]): boolean {
  if (/^src\/(?!.*\.test\.).*(?<!\.d)\.ts$/.test(file)) return true;
  const isNamed = ["README.md", ...published].some((each) => file === each || file.startsWith(`${each}/`));
  return isNamed && !published.includes(`!${file}`);
}

/** What is published of a manifest, but for the version, which a release raises. */
function publishedPart(manifest: string): string {
  const { version, scripts, devDependencies, ...rest } = JSON.parse(manifest);
  return JSON.stringify(rest);
}

async function git(root: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

/** What git answers; undefined where it fails, as it does outside of a repository and without git. */
function tryGit(root: string, ...args: string[]): Promise<string | undefined> {
  return git(root, ...args).catch(() => undefined);
}
