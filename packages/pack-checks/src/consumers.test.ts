import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { runtimes } from "@personify-auth/runtimes";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Consumer, listConsumers } from "./consumer.test.support.ts";
import { broughtByUs, type Installed, installConsumer } from "./install-consumer.test.support.ts";
import { typeErrors, usePacked } from "./packed.test.support.ts";
import { snippetsOf } from "./snippets.test.support.ts";
import { trySnippet } from "./try-snippet.test.support.ts";

const run = promisify(execFile);
const { all, find } = usePacked();
const consumers = listConsumers();

/** All that comes with a package. With the others comes core, which has undici. */
const brought: Readonly<Record<string, readonly string[]>> = {
  core: ["@personify-auth/core", "undici"],
  emulator: ["@hono/node-server", "@personify-auth/emulator", "hono", "jose"],
  cli: [
    "@hono/node-server",
    "@personify-auth/cli",
    "@personify-auth/core",
    "@personify-auth/emulator",
    "commander",
    "hono",
    "jose",
    "picocolors",
    "undici",
  ],
};

/** What imports what a Worker's runtime brings: only workerd loads it, as a snippet does. */
const forWorkers = ["cloudflare"];

const installations = new Map<Consumer, Promise<Installed>>();
afterAll(async () => {
  for (const each of await Promise.allSettled(installations.values())) {
    if (each.status === "fulfilled") await each.value.remove();
  }
});

/** Installs the next one too, while the tests of this one run. */
function install(consumer: Consumer): Promise<Installed> | undefined {
  const index = consumers.indexOf(consumer);
  for (const each of consumers.slice(index, index + 2)) {
    if (installations.has(each)) continue;
    const installation = installConsumer(each, all());
    installation.catch(() => {});
    installations.set(each, installation);
  }
  return installations.get(consumer);
}

describe.each(
  consumers.map((consumer) => [consumer.name, consumer.others.join(", ") || "nothing", consumer] as const),
)("%s installed with npm beside %s", (name, _others, consumer) => {
  let installed: Installed;
  beforeAll(async () => {
    installed = (await install(consumer)) as Installed;
  });

  it("installs without a warning of peers or engines", () => {
    expect(installed.npmOutput).not.toMatch(/ERESOLVE|EBADENGINE|peer/i);
  });

  it("brings one copy of what it needs, and nothing else", () => {
    const expected = brought[name] ?? ["@personify-auth/core", `@personify-auth/${name}`, "undici"];
    expect(broughtByUs(consumer, installed)).toEqual(expected.map((each) => `node_modules/${each}`).sort());
  });

  if (!forWorkers.includes(name)) {
    it("is loaded by import and by require, as one, on the oldest Node", async () => {
      expect(await load(installed.folder, name)).toEqual(entriesOf(name).map(() => true));
    });
  }

  it.concurrent.each(["typescript", "typescript6"])(
    "has the types that consumers/ asserts, with the strictest settings, on %s",
    async (compiler) => {
      expect(await typeErrors(installed.folder, compiler)).toBe("");
    },
  );

  const snippets = snippetsOf(name);
  if (snippets.length > 0) {
    it("has the types that the code on its pages takes", async () => {
      const [expected] = snippets.flatMap(({ trial }) => ("typeErrors" in trial ? trial.typeErrors : []));
      const errors = await typeErrors(installed.folder, "typescript", "tsconfig.snippets.json");
      expect(errors).toMatch(expected ?? /^$/);
    });
  }

  it.each(snippets)("runs the $trial.as on $page, as it stands", async (snippet) => {
    await trySnippet(snippet, installed.folder);
  });
});

function entriesOf(name: string): string[] {
  const { exports } = find(`@personify-auth/${name}`).manifest;
  return Object.keys(exports as object)
    .filter((entry) => entry !== "./package.json")
    .map((entry) => `@personify-auth/${name}${entry.slice(1)}`);
}

/** Loads each entry point in an ES module and in a CommonJS one; whether it came to the same. */
async function load(folder: string, name: string): Promise<boolean[]> {
  const [oldest] = runtimes;
  await writeFile(join(folder, "load.cjs"), "exports.load = (entry) => require(entry);");
  await writeFile(
    join(folder, "load.mjs"),
    `import { load } from "./load.cjs";
const loaded = process.argv.slice(2).map(async (entry) => load(entry) === (await import(entry)));
console.log(JSON.stringify(await Promise.all(loaded)));`,
  );
  const { stdout, stderr } = await run(oldest?.command ?? "", ["load.mjs", ...entriesOf(name)], {
    cwd: folder,
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}
