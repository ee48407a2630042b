import { expect, test } from "vitest";
import { bytesPerCall } from "./allocation.ts";

test("counts what was allocated, whether or not it was collected meanwhile", async () => {
  let kept: number[] = [];
  const words = 1_000;
  const bytes = words * 8;
  const allocate = async () => {
    kept = new Array(words).fill(0.5);
  };
  // 240 MB in all, far more than a young generation holds.
  const perCall = await bytesPerCall(allocate, 30_000, 4);
  expect(kept).toHaveLength(words);
  expect(perCall).toBeGreaterThan(bytes);
  expect(perCall).toBeLessThan(bytes * 1.2);
});
