import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const bench = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, "bench.ts"), ...args], { encoding: "utf8" });

test("--help tells the flags, and runs nothing", () => {
  const { status, stdout, stderr } = bench("--help");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(/^Usage: bench/);
});

test("a flag that cannot be followed ends in 2, with what could be", () => {
  const { status, stdout, stderr } = bench("--task", "speed");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain("--task speed: expected one of call, token");
  expect(stderr).toContain("Usage: bench");
});
