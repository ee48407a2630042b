import { globSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { PersonifyError, PersonifyErrorCode } from "../errors.ts";
import { endsInAdvice } from "./advice.test.support.ts";
import { findRaisingPlaces, placesIn, repository } from "./raising-places.test.support.ts";
import { renderReference } from "./reference.test.support.ts";
import { raiseAll } from "./situations.test.support.ts";

let emulator: Emulator;
let raised: Map<PersonifyErrorCode, PersonifyError[]>;

beforeAll(async () => {
  // Retries are jittered from 0 up: none is waited for.
  vi.spyOn(Math, "random").mockReturnValue(0);
  emulator = await startEmulator();
  raised = await raiseAll(emulator);
});
afterAll(async () => {
  vi.restoreAllMocks();
  await emulator.close();
});

const read = (path: string) => readFileSync(repository + path, "utf8");

test("each code is raised by what is said to raise it", () => {
  const codes = [...raised].map(([code, errors]) => [code, [...new Set(errors.map((error) => error.code))]]);
  expect(codes).toEqual([...raised.keys()].map((code) => [code, [code]]));
});

test("no place in core raises an error that was not raised here", () => {
  const met = new Set([...raised.values()].flat().flatMap(placesIn));
  // What an old Node is told comes at import, before any of this can be.
  const places = findRaisingPlaces("packages/core")
    .map(({ at }) => at)
    .filter((at) => !at.startsWith("packages/core/src/http/supported-node.ts:"));
  expect(places.length).toBeGreaterThan(80);
  expect(places.filter((at) => !met.has(at))).toEqual([]);
});

test("every message ends in what one can do", () => {
  const messages = [...raised.values()].flat().map(({ message }) => message);
  expect(messages.filter((message) => !endsInAdvice(message))).toEqual([]);
});

test("so does every message that is written in another published package", () => {
  const others = globSync("packages/*/package.json", { cwd: repository })
    .filter((path) => JSON.parse(read(path)).private !== true)
    .map(dirname)
    .filter((folder) => folder !== "packages/core");
  const messages = others
    .flatMap(findRaisingPlaces)
    .map(({ message }) => message)
    .filter((message) => message !== undefined);
  expect(messages.length).toBeGreaterThanOrEqual(10);
  expect(messages.filter((message) => !endsInAdvice(message))).toEqual([]);
});

test.each([
  "The call failed",
  "Option scope: not allowed",
  "The request names no tenant: the tenantId function returned none",
  "Option retry does not exist; there are timeout, scope",
  "check failed: the answer is too large",
])("what only tells what is wrong is not taken for advice: %s", (message) => {
  expect(endsInAdvice(message)).toBe(false);
});

test("docs/errors.md is what the comments of errors.ts and the errors raised here say", async () => {
  const path = "docs/errors.md";
  await expect(renderReference(raised, read(path))).toMatchFileSnapshot(repository + path);
});

test.each(["README.md", "packages/core/README.md", "packages/core/src/errors.ts"])(
  "%s leads there",
  (path) => {
    expect(read(path)).toContain("docs/errors.md");
  },
);
