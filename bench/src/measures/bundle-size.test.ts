import { expect, test } from "vitest";
import { bundleSize } from "./bundle-size.ts";

test("leaves out what is not used, and what is external", async () => {
  const { minified } = await bundleSize(
    'import { escape } from "hono/utils/nothing"; export const one = 1;',
    ["hono/*"],
  );
  expect(minified).toBeLessThan(100);
});

test("an edge bundle of ours has no undici in it", async () => {
  const { gzipped } = await bundleSize('export { createPersonifyClient } from "@personify-auth/core"');
  expect(gzipped).toBeGreaterThan(1_000);
  expect(gzipped).toBeLessThan(50_000);
});
