import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { makeFolder, npmInstall, usePacked } from "./packed.test.support.ts";

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
  vi.stubEnv("NODE_OPTIONS", asNode20);
  onTestFinished(() => void vi.unstubAllEnvs());
  const output = await npmInstall(folder.path, [find("@personify-auth/core").tarball]);
  expect(output).toMatch(/EBADENGINE +package: '@personify-auth\/core/);

  const loaded = run("node", ["--eval", 'require("@personify-auth/core")'], { cwd: folder.path });
  await expect(loaded).rejects.toThrow(/needs Node 22\.19 or later, and this is Node 20\.20\.2: update Node/);
});
