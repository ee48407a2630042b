import { expect, test } from "vitest";
import { runProperty } from "../fuzz/property.test.support.ts";
import { simulation } from "./run.test.support.ts";

test(simulation.rule, async () => {
  expect((await runProperty(simulation, { runs: 5_000, seed: 1 })).failure).toBeUndefined();
}, 120_000);
