// Tells on which versions of which framework, on which runtimes, how many cases of the contract passed in the last run.
//   --write    renews the table of docs/support.md
//   --check    fails where that table is not what the tests ran
import { globSync, readFileSync, writeFileSync } from "node:fs";

const supportPath = "docs/support.md";
const tableStart = "<!-- made by `pnpm matrix --write` -->";
const [, , mode] = process.argv;

/** Framework and version → runtime → cases. */
const matrix = new Map();
const runtimes = [];
for (const report of globSync("packages/*/.results/vitest.json").toSorted()) {
  for (const { assertionResults } of JSON.parse(readFileSync(report, "utf8")).testResults) {
    for (const { ancestorTitles, status } of assertionResults) count(ancestorTitles, status);
  }
}

function count([title = "", group], status) {
  const [, framework, runtime] = /^(.+?) on (\w+ [\d.]+) \(/.exec(title) ?? [];
  if (framework === undefined || group === undefined) return;
  if (!runtimes.includes(runtime)) runtimes.push(runtime);
  const row = matrix.get(framework) ?? new Map();
  const cell = row.get(runtime) ?? { passed: 0, failed: 0 };
  cell[status === "passed" ? "passed" : "failed"] += 1;
  matrix.set(framework, row.set(runtime, cell));
}

function table(show) {
  const frameworks = [...matrix.keys()].toSorted();
  const rows = frameworks.map((name) => [
    name,
    ...runtimes.map((runtime) => show(matrix.get(name)?.get(runtime))),
  ]);
  const lines = [["", ...runtimes], ["---", ...runtimes.map(() => "---")], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const supported = `${tableStart}\n${table((cell) => (cell === undefined || cell.failed > 0 ? "" : "✓"))}\n`;
const support = readFileSync(supportPath, "utf8");
const inSupport = new RegExp(`${tableStart}\n(\\|.*\n)+`).exec(support)?.[0];
if (mode === "--write") {
  writeFileSync(supportPath, support.replace(inSupport, supported));
} else if (mode === "--check" && inSupport !== supported) {
  console.error(`${supportPath} is not what the tests ran; run: pnpm matrix --write`);
  process.exitCode = 1;
}

const cells = [...matrix.values()].flatMap((row) => [...row.values()]);
const total = (outcome) => cells.reduce((sum, cell) => sum + cell[outcome], 0);
if (mode !== "--check") {
  console.log(
    table((cell) => cell && (cell.failed > 0 ? `${cell.passed}, ${cell.failed} failed` : cell.passed)),
  );
  console.log(
    `\nThe contract of an adapter: ${total("passed")} cases passed, ${total("failed")} failed, in ${cells.length} combinations`,
  );
}
if (total("failed") > 0 || cells.length === 0) process.exitCode = 1;
