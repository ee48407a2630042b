import { join } from "node:path";
import { expect, it } from "vitest";
import { readPublishedApis } from "./published-api.test.support.ts";

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
