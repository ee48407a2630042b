import { expect, test } from "vitest";
import { isVoid, isWorthRecording, judge } from "./judgement.ts";

test("a run is void where the floor differs from itself by more than 3 %; one of counts never is", () => {
  expect(isVoid({ again: 1.03 })).toBe(false);
  expect(isVoid({ again: 1.04 })).toBe(true);
  expect(isVoid({ again: 0.96 })).toBe(true);
  expect(isVoid({})).toBe(false);
});

test.each([
  [{ again: 1, rounds: 10 }, true, true],
  [{}, true, true],
  [{ again: 1, rounds: 9 }, true, false],
  [{ again: 1.04, rounds: 10 }, true, false],
  [{ again: 1, rounds: 10 }, false, false],
])("%j, with all contenders: %s, is written down: %s", (outcome, isWhole, expected) => {
  expect(isWorthRecording(outcome, isWhole)).toBe(expected);
});

test("the summary ends in what is wrong", () => {
  const verdicts = [true, false].map((holds) => ({ budget: "", measured: "", holds }));
  expect(judge({ again: 1, verdicts })).toBe("; 1 of 2 budgets missed");
  expect(judge({ again: 1.2, verdicts })).toContain("VOID");
  expect(judge({ verdicts: [] })).toBe("");
});
