import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";

/** Where the scan must find what `planted/leak-in-NAME.test.support.ts` leaks. */
const places = {
  stdout: "stdout: raw",
  stderr: "stderr: in base64",
  "child-process": "stderr of a child process: raw",
  "error-message": "errors: ",
  "error-cause": "errors: raw",
  "error-member": "errors: raw",
  event: "events: raw",
  "emulator-page": "page /__emulator/requests of the emulator: raw",
  "cleared-log": "requests that an emulator logged: raw",
  "fetch-error": "errors: raw",
  "test-name": "names of tests: raw",
};

const core = fileURLToPath(new URL("../..", import.meta.url));

/** What Vitest says of each file, by its name. */
let outcomes: Map<string, { status: string; message: string }>;

beforeAll(async () => {
  const reportPath = join(core, ".results/planted-leaks.json");
  await rm(reportPath, { force: true });
  const vitest = join(createRequire(import.meta.url).resolve("vitest/package.json"), "../vitest.mjs");
  const run = spawn(
    process.execPath,
    [vitest, "run", "--config", "src/secret-scan/planted/vitest.config.mjs"],
    {
      cwd: core,
      // What it prints holds the leaks.
      stdio: "ignore",
    },
  );
  await once(run, "close");
  const report = await readFile(reportPath, "utf8");
  const { testResults } = JSON.parse(report) as {
    testResults: { name: string; status: string; message: string }[];
  };
  outcomes = new Map(
    testResults.map(({ name, ...outcome }) => [
      basename(name, ".test.support.ts").replace("leak-in-", ""),
      outcome,
    ]),
  );
}, 300_000);

describe("a secret or token that shows fails its test file", () => {
  test.each(Object.entries(places))("in %s", (name, place) => {
    expect(outcomes.get(name)).toMatchObject({
      status: "failed",
      message: expect.stringContaining("A secret or a token of this run shows"),
    });
    expect(outcomes.get(name)?.message).toContain(place);
  });
});

test("a file that leaks nothing passes", () => {
  expect(outcomes.get("nothing")).toMatchObject({ status: "passed" });
});
