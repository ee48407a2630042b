import { expect, test } from "vitest";
import { participants, report } from "./growth.ts";

/** A figure for each participant: `cost` may depend on its name and size. */
function samples(cost: (name: string, size: number) => number): Map<string, number[]> {
  return new Map(participants.map(({ name, size }) => [name, [cost(name, size)]]));
}
const heaps = samples(() => 10_000_000);
const missed = (cpu: Map<string, number[]>) =>
  report(cpu, heaps, 10)
    .verdicts.filter(({ holds }) => !holds)
    .map(({ budget }) => budget.split(":")[0]);

test("what costs the same at all sizes, or as much as its floor, is within its budgets", () => {
  expect(missed(samples(() => 25))).toEqual([]);
  const growing = samples((name, size) => (/^(body|calls)/.test(name) ? size : 25));
  expect(missed(growing)).toEqual([]);
});

test("a call that costs more for each tenant or client misses them", () => {
  expect(missed(samples((name, size) => (name.startsWith("tenants") ? size : 25)))).toEqual(["Tenants"]);
  expect(missed(samples((name, size) => (name.startsWith("credentialSets") ? size : 25)))).toEqual([
    "Credential sets",
  ]);
});

test("one that leaves its floor at any size misses them", () => {
  const leaving = samples((name) => (name === "body 10000" ? 30 : 25));
  expect(missed(leaving)).toEqual(["Answers"]);
});

test("each axis has a table with a row for each size, and a chart of CPU and one of the heap", () => {
  const { tables, charts } = report(
    samples(() => 25),
    heaps,
    10,
  );
  expect(tables.map(({ rows }) => rows.length)).toEqual([4, 4, 5, 5]);
  expect(charts).toHaveLength(8);
});

test("says what each tenant and each client holds", () => {
  const growing = samples((name, size) => (name.startsWith("credentialSets") ? 8_000 * size : 1_000));
  const { notes } = report(
    samples(() => 25),
    growing,
    10,
  );
  expect(notes.join()).toMatch(/a tenant .* holds 0 bytes, and a client .*, 8,000 bytes/);
});
