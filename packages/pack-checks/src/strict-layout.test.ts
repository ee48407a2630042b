import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listConsumers } from "./consumer.test.support.ts";
import { makeFolder, usePacked } from "./packed.test.support.ts";

const run = promisify(execFile);
const { all } = usePacked();

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  folder = await makeFolder();
});
afterAll(() => folder.remove());

it("all packages are loaded from the layout of pnpm, where each finds only what it depends on", async () => {
  const newest = listConsumers().filter(({ name }, index, each) => each[index - 1]?.name !== name);
  const ours = Object.fromEntries(all().map(({ name, tarball }) => [name, `file:${tarball}`]));
  const others = newest
    .flatMap((consumer) => consumer.others)
    .map((each) => [each.replace(/@[^@]+$/, ""), each.replace(/^.+@/, "")]);
  const dependencies = { ...Object.fromEntries(others), ...ours };
  await writeFile(join(folder.path, "package.json"), JSON.stringify({ private: true, dependencies }));
  await writeFile(
    join(folder.path, "pnpm-workspace.yaml"),
    JSON.stringify({
      overrides: ours,
      strictPeerDependencies: true,
      autoInstallPeers: false,
      preferOffline: true,
      hoist: false,
    }),
  );
  await run("pnpm", ["install"], { cwd: folder.path });
  const loaded = all().filter(({ name }) => name !== "@personify-auth/cloudflare");
  const script = loaded.map(({ name }) => `import "${name}"; require("${name}");`);
  await writeFile(
    join(folder.path, "load.mjs"),
    `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
${script.join("\n")}`,
  );
  expect(await run("node", ["load.mjs"], { cwd: folder.path })).toEqual({ stdout: "", stderr: "" });
});
