import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { call } from "../tasks/call.ts";
import { token } from "../tasks/token.ts";
import { recordResult } from "./record.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bench-"));
});
afterEach(() => rm(root, { recursive: true }));

const read = (path: string) => readFile(join(root, path), "utf8");
const outcome = (summary: string) => ({
  summary,
  verdicts: [],
  tables: [],
  charts: [
    { name: "call", title: "CPU", unit: "µs", bars: [{ name: "get", group: "ours" as const, value: 1 }] },
  ],
  notes: [summary],
});

test("a task replaces what it wrote before, and nothing else", async () => {
  await recordResult(token, outcome("the tokens"), root);
  await recordResult(call, outcome("first calls"), root);
  await recordResult(call, outcome("second calls"), root);

  const document = await read("docs/performance.md");
  expect(document).toContain("the tokens");
  expect(document).toContain("second calls");
  expect(document).not.toContain("first calls");
  const results = JSON.parse(await read("bench/results.json"));
  expect(results).toMatchObject({ call: { summary: "second calls" }, token: { summary: "the tokens" } });
  expect(results.call.machine).toContain(`Node ${process.versions.node}`);
  expect(await read("docs/performance/call.svg")).toContain("<svg");
});

test("whoever reads while it is written reads what was there before, or the whole", async () => {
  await recordResult(token, outcome("the tokens"), root);
  const recorded = recordResult(call, outcome("x".repeat(20_000_000)), root);
  let isWritten = false;
  void recorded.then(() => {
    isWritten = true;
  });
  while (!isWritten) expect(JSON.parse(await read("bench/results.json"))).toHaveProperty("token");
  await recorded;
});
