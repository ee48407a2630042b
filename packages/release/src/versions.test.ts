import { glob, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyWorkingTree } from "./rehearsal/copy-working-tree.ts";
import { run } from "./rehearsal/run.ts";

const root = join(import.meta.dirname, "../../..");
const changeset = join(root, "node_modules/@changesets/cli/bin.js");
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "personify-auth-versions-"));
  await copyWorkingTree(root, folder);
  for await (const pending of glob("*.md", { cwd: join(folder, ".changeset") })) {
    await rm(join(folder, ".changeset", pending));
  }
});
afterAll(() => rm(folder, { recursive: true }));

/** Puts all published packages at `from`, and resolves with the versions of those that a change of core moves. */
async function versionsAfter(type: string, from: string): Promise<Record<string, string>> {
  const manifests = new Map<string, Record<string, unknown>>();
  for await (const path of glob("packages/*/package.json", { cwd: folder })) {
    const manifest = await readJson(path);
    if (manifest["private"] !== true) manifests.set(path, { ...manifest, version: from });
  }
  for (const [path, manifest] of manifests) await writeFile(join(folder, path), JSON.stringify(manifest));
  const change = `---\n"@personify-auth/core": ${type}\n---\n\nA change.\n`;
  await writeFile(join(folder, ".changeset/change.md"), change);
  await run(process.execPath, [changeset, "version"], { cwd: folder });

  const moved: Record<string, string> = {};
  for (const path of manifests.keys()) {
    const { name, version } = await readJson(path);
    if (version !== from) moved[String(name).replace("@personify-auth/", "")] = String(version);
  }
  return moved;
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(folder, path), "utf8"));
}

it.each([
  ["patch", "0.3.0", "0.3.1"],
  ["patch", "1.3.0", "1.3.1"],
  ["minor", "1.3.0", "1.4.0"],
])("leaves all other packages as they are with a %s of core at %s", async (type, from, to) => {
  expect(await versionsAfter(type, from)).toEqual({ core: to });
});

it("follows with patches where core leaves the range of its dependents, which a minor does below 1.0.0", async () => {
  const { core, ...dependents } = await versionsAfter("minor", "0.3.0");
  expect(core).toBe("0.4.0");
  expect(Object.keys(dependents)).toEqual(
    expect.arrayContaining(["cli", "cloudflare", "express", "hono", "koa", "otel", "redis"]),
  );
  expect(new Set(Object.values(dependents))).toEqual(new Set(["0.3.1"]));
});
