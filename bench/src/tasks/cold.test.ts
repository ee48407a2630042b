import { expect, test } from "vitest";
import { findContender } from "../contenders.ts";
import { report } from "./cold.ts";

const names = ["get", "promise-cache", "promise-cache again", "simple-oauth2"];
const contenders = names.map(findContender);
/** All take 100 ms and send one token request, but for the changes. */
function starts(changes: Record<string, { ms?: number; failed?: number; tokenRequests?: number }> = {}) {
  return new Map(names.map((name) => [name, [{ ms: 100, failed: 0, tokenRequests: 1, ...changes[name] }]]));
}
const missed = (...[changes]: Parameters<typeof starts>) =>
  report(starts(changes), contenders, 1).verdicts.filter(({ holds }) => !holds).length;

test("one request in no more than 1.2 times the floor keeps the budgets", () => {
  expect(missed()).toBe(0);
  expect(missed({ get: { tokenRequests: 2 } })).toBe(1);
  expect(missed({ get: { ms: 121 } })).toBe(1);
});

test("whoever leaves callers without a token was not sooner", () => {
  expect(missed({ get: { failed: 1 } })).toBe(1);
  const { notes, tables } = report(starts({ "simple-oauth2": { ms: 1, failed: 9_000 } }), contenders, 1);
  expect(notes.join()).toContain("none");
  expect(tables[0]?.rows.find(([name]) => name === "simple-oauth2")?.at(-1)).toBe(9_000);
});
