import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { runProgram, say } from "../program.ts";
import { copyBuilt, copyWorkingTree } from "./copy-working-tree.ts";
import { startLocalPersonify } from "./local-personify.ts";
import { startLocalRegistry } from "./local-registry.ts";
import { maintain } from "./maintainer.ts";
import { installedOurs, installInto, updateOurs } from "./user-folder.ts";
import { users } from "./users.ts";

const usage = `Usage: release:rehearse

Releases the working tree as it is, twice, to a registry on this machine that is gone afterwards: a copy is versioned,
built, packed and published, the publishing is killed in the middle and run again, and each package is installed with npm
and used. The second release mends core alone: users update it, beside the other packages as they are. It takes minutes.`;

const core = "@personify-auth/core";
const names = users.map(({ name }) => name);
const startedAt = performance.now();
let steps = 0;

await runProgram(usage, async () => {
  const folder = await mkdtemp(join(tmpdir(), "personify-auth-release-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  const registry = await startLocalRegistry(join(folder, "registry"));
  try {
    const repository = join(folder, "repository");
    await step("copy the working tree, with what was built", async () => {
      await copyWorkingTree(process.cwd(), repository);
      await copyBuilt(process.cwd(), repository);
    });
    const maintainer = maintain(repository, registry);
    await step("install", maintainer.install);

    say("A first release");
    await step("version", maintainer.version);
    await step("build", () => maintainer.build(names));
    await step("check", maintainer.check);
    const first = await step("pack", maintainer.pack);
    assert.deepEqual(first.map(nameOf), names.toSorted());
    const some = await step("publish, and kill it in the middle", () => maintainer.publishSome(4));
    assert.equal(some.length, 4);
    const rest = await step("publish the rest", maintainer.publish);
    // The one that it was about to publish may have reached the registry.
    assert.deepEqual(
      rest.now.filter((id) => some.includes(id)),
      [],
    );
    assert.deepEqual([...rest.before, ...rest.now].sort(), first);
    assert.deepEqual(await step("tag", maintainer.tag), first);

    const folderOf = (name: string) => join(folder, name);
    for (const { name, besides } of users) {
      await step(`install ${name}`, () => installInto(folderOf(name), registry, [name, ...besides]));
    }
    const personify = await startLocalPersonify(folderOf("@personify-auth/cli"));
    try {
      for (const { name, use } of users) {
        await step(`use ${name}`, () => use(folderOf(name), repository, personify.variables));
      }

      say("A second release, of core");
      await step("add a changeset", () => maintainer.addPatch(core));
      await step("version", maintainer.version);
      await step("build", () => maintainer.build(names));
      const second = await step("pack", maintainer.pack);
      assert.deepEqual(second.map(nameOf), [core]);
      assert.deepEqual(await step("publish", maintainer.publish), { now: second, before: [] });
      assert.deepEqual(await step("tag", maintainer.tag), [...first, ...second].sort());

      for (const { name, use } of users.filter(({ name }) => name !== "@personify-auth/emulator")) {
        await step(`update and use ${name}`, async () => {
          const expected = { ...(await installedOurs(folderOf(name))), [core]: versionOf(second[0]) };
          await updateOurs(folderOf(name));
          assert.deepEqual(await installedOurs(folderOf(name)), expected);
          await use(folderOf(name), repository, personify.variables);
        });
      }
    } finally {
      await personify.end();
    }
  } finally {
    await registry.close();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  say(`Two releases of ${names.length} packages rehearsed: ${steps} steps, all as expected, in ${seconds} s`);
});

async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now();
  try {
    const result = await work();
    steps++;
    const seconds = ((performance.now() - from) / 1_000).toFixed(1);
    say(`${styleText("green", "✓")} ${what} ${styleText("dim", `${seconds} s`)}`);
    return result;
  } catch (error) {
    say(`${styleText("red", "✗")} ${what}`);
    throw error;
  }
}

/** The name in "NAME@VERSION". */
function nameOf(id: string): string {
  return id.slice(0, id.lastIndexOf("@"));
}

function versionOf(id = ""): string {
  return id.slice(id.lastIndexOf("@") + 1);
}
