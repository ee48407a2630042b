import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeFolder, usePacked } from "./packed.test.support.ts";

const run = promisify(execFile);
const { all, find } = usePacked();

/** Makes Node, and with it npm, say that it is an older one. */
const asNode20 = `--import=data:text/javascript,${encodeURIComponent(
  `Object.defineProperty(process, "version", { value: "v20.20.2" });
  Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.2" } });`,
)}`;

let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeAll(async () => {
  folder = await makeFolder();
  await writeFile(join(folder.path, "package.json"), JSON.stringify({ private: true }));
});
afterAll(() => folder.remove());

it("every package says which Node it needs", () => {
  expect(all().map(({ manifest }) => manifest["engines"])).toEqual(all().map(() => ({ node: ">=22.19" })));
});

it("npm warns on an older Node, and what was installed says so too", async () => {
  const inFolder = { cwd: folder.path, env: { ...process.env, NODE_OPTIONS: asNode20 } };
  const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--no-update-notifier"];
  const { stderr } = await run("npm", ["install", ...flags, find("@personify-auth/core").tarball], inFolder);
  expect(stderr).toMatch(/EBADENGINE +package: '@personify-auth\/core/);

  const loaded = run("node", ["--eval", 'require("@personify-auth/core")'], inFolder);
  await expect(loaded).rejects.toThrow(/needs Node 22\.19 or later, and this is Node 20\.20\.2: update Node/);
});
