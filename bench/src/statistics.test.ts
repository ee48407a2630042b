import { describe, expect, test } from "vitest";
import { compareTo, isValid, median, quantile, ratioOf, valuesOf } from "./statistics.ts";

describe("quantiles", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  test("lie between neighbours, by distance", () => {
    expect(quantile([10, 20, 30, 40, 50], 0.25)).toBe(20);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
  });

  test("need values", () => {
    expect(() => median([])).toThrow(RangeError);
  });

  test("leave the values in their order", () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe("standings", () => {
  const samples = new Map([
    ["floor", [10, 20, 40]],
    ["slow", [30, 60, 120]],
    ["fast", [5, 30, 20]],
  ]);

  test("compare within a round, so a slow phase of the machine cancels out", () => {
    expect(ratioOf("slow", "floor", samples)).toBe(3);
    expect(ratioOf("fast", "floor", samples)).toBe(0.5);
  });

  test("begin with the lowest ratio, and give the middle half of the rounds", () => {
    const standings = compareTo("floor", samples);
    expect(standings.map(({ name }) => name)).toEqual(["fast", "floor", "slow"]);
    expect(standings[0]).toEqual({ name: "fast", value: 20, ratio: 0.5, low: 0.5, high: 1 });
  });

  test("name who did not run, or not as often", () => {
    expect(() => valuesOf("absent", samples)).toThrow("absent did not run");
    expect(() => ratioOf("short", "floor", new Map([...samples, ["short", [1]]]))).toThrow(
      "not run as often",
    );
  });
});

test.each([
  [0.969, false],
  [0.97, true],
  [1, true],
  [1.03, true],
  [1.031, false],
  [Number.NaN, false],
])("a floor that is %d times itself makes a run valid: %s", (again, expected) => {
  expect(isValid(again)).toBe(expected);
});
