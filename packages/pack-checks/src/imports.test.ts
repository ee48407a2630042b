import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { undeclaredImports } from "./imports.test.support.ts";

/** What is undeclared of a package with one file, which depends on "declared". */
async function undeclaredIn(file: string, text: string): Promise<string[]> {
  const unpacked = await mkdtemp(join(tmpdir(), "personify-auth-"));
  onTestFinished(() => rm(unpacked, { recursive: true }));
  await writeFile(join(unpacked, file), text);
  const manifest = { dependencies: { declared: "^1.0.0" }, devDependencies: { other: "1.0.0" } };
  return undeclaredImports({ name: "", folder: "", tarball: "", unpacked, files: [file], manifest });
}

it.each([
  ["index.js", 'import "NAME";'],
  ["index.js", 'export * from "NAME";'],
  ["index.js", "await import(`NAME`);"],
  ["index.js", 'require("NAME");'],
  ["index.js", 'require.resolve("NAME");'],
  ["index.js", 'createRequire(import.meta.url)("NAME");'],
  ["index.js", 'createRequire(import.meta.url).resolve("NAME");'],
  ["index.js", 'import.meta.resolve("NAME");'],
  ["index.d.ts", 'export type { A } from "NAME";'],
  ["index.d.ts", 'export type A = import("NAME").A;'],
  ["index.d.ts", 'export type A = typeof import("NAME");'],
  ["index.d.ts", 'import a = require("NAME");'],
  ["index.d.ts", 'declare module "NAME" {}'],
  ["index.d.ts", '/// <reference types="NAME" />'],
])("in %s, finds what is not declared of %s", async (file, text) => {
  const using = (name: string) => undeclaredIn(file, text.replace("NAME", name));
  expect(await using("declared")).toEqual([]);
  expect(await using("declared/part")).toEqual([]);
  expect(await using("other")).toEqual([`${file}: other`]);
  expect(await using("@declared/other")).toEqual([`${file}: @declared/other`]);
});
