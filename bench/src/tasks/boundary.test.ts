import { expect, test } from "vitest";
import { report } from "./boundary.ts";

const flawless = { calls: 16_000, failed: 0, rejected: 0, waited: 0, p99: 35, tokenRequests: 5 };
const ours = { ...flawless, name: "get", group: "ours" as const };
const peer = { ...flawless, name: "peer", group: "peer" as const };

test("whoever came through all calls without a flaw is said to have", () => {
  const { verdicts, notes } = report([ours, peer]);
  expect(verdicts.map(({ holds }) => holds)).toEqual([true]);
  expect(notes).toEqual(["Peers that came through without any of them: peer."]);
});

test("whoever was stopped before all calls were made did not", () => {
  const { verdicts, notes, summary } = report([
    { ...ours, calls: 300 },
    { ...peer, calls: 300 },
  ]);
  expect(verdicts.map(({ holds }) => holds)).toEqual([false]);
  expect(notes).toEqual(["Peers that came through without any of them: none."]);
  expect(summary).toContain("300 calls");
});
