import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type PublishedApi, readApi, readPublishedApis } from "./published-api.test.support.ts";

const apis = await readPublishedApis();

it.each(apis)(
  "$name has the API that its api.md shows; `npx -y pnpm@12 api` renews it",
  async ({ folder, report }) => {
    await expect(report).toMatchFileSnapshot(join(folder, "api.md"));
  },
);

it.each(apis)("$name exports at runtime what its types promise, and no more", (api) => {
  expect(api.runtimeNames).toEqual(api.typedNames);
});

it.each(apis)("$name tells of each export, and of each member of one, in a docstring", ({ undocumented }) => {
  expect(undocumented).toEqual([]);
});

/** The API of a package with these types, and nothing at runtime. */
async function readTypes(types: string): Promise<PublishedApi> {
  const folder = await mkdtemp(join(tmpdir(), "personify-auth-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "dist"));
  await writeFile(join(folder, "dist/index.d.ts"), types);
  await writeFile(join(folder, "dist/index.js"), "export {};\n");
  return readApi({ folder, manifest: { name: "example", exports: { ".": {} } } });
}

it.each([
  ["{ Part }", "Part", "{ Part }"],
  ["{ Part as Other }", "Other", "{ Part as Other }"],
  ["Other", "Other.Part", "{ default as Other }"],
  ["* as other", "other.Part", "{ * as other }"],
])("shows which package the types of an import of %s come from", async (imported, type, shown) => {
  const { report } = await readTypes(`import type ${imported} from "other"; export type Own = ${type};`);
  expect(report).toContain(`import ${shown} from "other";`);
});

it.each(["export * from 'other';", "export type * from 'other';"])(
  "does not pass over what another package decides: %s",
  async (types) => {
    await expect(readTypes(`${types} export type Own = 1;`)).rejects.toThrow("re-exports all");
  },
);
