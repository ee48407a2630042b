import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeMachine } from "../machine.ts";
import type { Outcome, Result, Results } from "../outcome.ts";
import type { Task } from "../task.ts";
import { tasks } from "../tasks/tasks.ts";
import { renderBarChart } from "./bar-chart.ts";
import { replaceSection } from "./document.ts";
import { renderLineChart } from "./line-chart.ts";
import { renderSection } from "./markdown.ts";

const repository = join(import.meta.dirname, "../../..");

/** Writes an outcome into results.json and docs/performance.md, in place of what the task found before. */
export async function recordResult(task: Task, outcome: Outcome, root = repository): Promise<void> {
  const resultsPath = join(root, "bench/results.json");
  const documentPath = join(root, "docs/performance.md");
  const date = new Date().toISOString().slice(0, 10);
  const result: Result = { ...outcome, date, machine: describeMachine() };
  const results = JSON.parse((await read(resultsPath)) ?? "{}") as Results;
  await write(resultsPath, `${JSON.stringify({ ...results, [task.name]: result }, undefined, 2)}\n`);
  for (const chart of result.charts) {
    const svg = "bars" in chart ? renderBarChart(chart) : renderLineChart(chart);
    await write(join(root, "docs/performance", `${chart.name}.svg`), svg);
  }
  const order = tasks.map(({ name }) => name);
  const section = renderSection(task, result);
  await write(documentPath, replaceSection(await read(documentPath), task.name, section, order));
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** In one step: a run that is ended meanwhile leaves what was there before. */
async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.unfinished`;
  await writeFile(unfinished, text);
  await rename(unfinished, path);
}
