import { expect, test } from "vitest";
import { parseCores } from "./cores.ts";

test.each([
  ["pid 12's current affinity list: 0,1\n", [0, 1]],
  ["pid 12's current affinity list: 0-3\n", [0, 1, 2, 3]],
  ["pid 12's current affinity list: 2,4-6\n", [2, 4, 5, 6]],
  ["pid 12's current affinity list: 3\n", [3]],
  ["taskset: no such process", []],
])("reads %j", (line, cores) => {
  expect(parseCores(line)).toEqual(cores);
});
