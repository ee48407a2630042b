import { expect, test } from "vitest";
import { properties } from "./properties.test.support.ts";
import { runProperty } from "./property.test.support.ts";

test.each(properties)(
  "$name: $rule",
  async (property) => {
    const runs = Math.ceil(5_000 / (property.oneIn ?? 1));

    expect((await runProperty(property, { runs, seed: 1 })).failure).toBeUndefined();
  },
  120_000,
);
