import { expect, test } from "vitest";
import { conclude, isVoid, isWorthRecording } from "./judgement.ts";

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

test("the last line says what was found, whether the floor agrees with itself, and what is wrong", () => {
  const verdicts = [true, false].map((holds) => ({ budget: "", measured: "", holds }));
  const timed = { summary: "get() 0.95", again: 1, rounds: 10, verdicts };
  expect(conclude(timed)).toBe("get() 0.95, A/A 1.000, 10 rounds; 1 of 2 budgets missed");
  expect(conclude({ ...timed, summary: "", verdicts: [] })).toBe("A/A 1.000, 10 rounds");
  expect(conclude({ ...timed, again: 1.2 })).toContain("VOID");
  expect(conclude({ summary: "8,000 bytes", verdicts: [] })).toBe("8,000 bytes");
});
