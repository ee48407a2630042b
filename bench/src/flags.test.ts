import { expect, test } from "vitest";
import { contenders } from "./contenders.ts";
import { FlagError, readFlags, usage } from "./flags.ts";
import { tasks } from "./tasks/tasks.ts";

const read = (...args: string[]) => readFlags(args, tasks, contenders);

test("without flags, every task runs with all contenders and as many rounds as it needs", () => {
  expect(read()).toEqual({ help: false, tasks, only: undefined, rounds: undefined });
});

test("flags choose a task, contenders and rounds", () => {
  const { tasks: chosen, only, rounds } = read("--task", "call", "--only", "get, axios", "--rounds", "12");
  expect(chosen.map(({ name }) => name)).toEqual(["call"]);
  expect(only).toEqual(["get", "axios"]);
  expect(rounds).toBe(12);
});

test("a group stands for all of its contenders", () => {
  expect(read("--only", "ours").only).toEqual(
    contenders.filter(({ group }) => group === "ours").map(({ name }) => name),
  );
});

test("only those tasks run that have one of the contenders", () => {
  const names = (...args: string[]) => read(...args).tasks.map(({ name }) => name);
  expect(names("--only", "axios")).toEqual(["call", "boundary", "memory", "import"]);
  expect(names("--only", "express+personify")).toEqual(["adapter"]);
});

test.each([
  [["--task", "speed"], "--task speed: expected one of call"],
  [["--only", "get,nobody"], "--only nobody: no contender"],
  [["--task", "token", "--only", "axios,got"], "--only axios,got: none of them takes part in token"],
  [["--task", "growth", "--only", "get"], "--only get: none of them takes part in growth"],
  [["--only", ""], "--only : no contender"],
  [["--rounds", "0"], "--rounds 0: expected a whole number"],
  [["--rounds", "2.5"], "--rounds 2.5: expected a whole number"],
  [["--rounds"], "--rounds"],
  [["--fast"], "--fast"],
  [["call"], "call"],
])("%j is refused, with what would do", (args, message) => {
  expect(() => read(...args)).toThrow(FlagError);
  expect(() => read(...args)).toThrow(message);
});

test("the usage names every task and every contender", () => {
  const text = usage(tasks, contenders);
  for (const { name } of [...tasks, ...contenders]) expect(text).toContain(name);
});
