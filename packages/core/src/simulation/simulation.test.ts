import fc from "fast-check";
import { expect, test } from "vitest";
import { scenarios } from "./actions.test.support.ts";
import { run } from "./run.test.support.ts";

test("whatever happens in whatever order, no rule of the token lifecycle is broken", async () => {
  const { counterexample, errorInstance } = await fc.check(fc.asyncProperty(scenarios, run), {
    seed: 1,
    numRuns: 5_000,
  });

  expect(errorInstance, JSON.stringify(counterexample)).toBeNull();
}, 120_000);
