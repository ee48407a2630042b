import { expect, it } from "vitest";
import { readProgram, runProgram } from "./program.test.support.ts";

it("docs/concepts.md has a program that prints what the page says", async () => {
  const { next } = await readProgram("docs/concepts.md", "life.js");
  expect(await runProgram("docs/concepts.md", "life.js")).toBe(next);
});
