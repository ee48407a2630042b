// Runs the contract of the adapters, or takes the results of the last run as they are, and tells on which versions of
// which framework, on which runtimes, how many cases passed.
//   --write    renews the table of docs/support.md
//   --check    runs nothing, and fails where that table is not what the tests ran
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";

const supportPath = "docs/support.md";
const tableStart = "<!-- made by `pnpm matrix --write` -->";
const [, , mode] = process.argv;

if (mode !== "--check") {
  const apps = globSync("packages/*/src/contract-on-server.test.support.ts").toSorted();
  const filters = apps.map((path) => `--filter=./${path.replace(/\/src\/.*/, "")}`);
  const flags = ["--continue", "--output-logs=errors-only", "--concurrency=2", "--no-update-notifier"];
  const { status } = spawnSync("turbo", ["run", "test", ...filters, ...flags], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}

/** Framework and version → runtime → cases. */
const matrix = new Map();
const runtimes = [];
for (const report of globSync("packages/*/package.json")
  .toSorted()
  .map((path) => path.replace("package.json", ".results/vitest.json"))
  .filter(existsSync)) {
  for (const { assertionResults } of JSON.parse(readFileSync(report, "utf8")).testResults) {
    for (const { ancestorTitles, status } of assertionResults) count(ancestorTitles, status);
  }
}

function count([title = "", group], status) {
  const [, framework, runtime] = /^(.+?) on (\w+ [\d.]+) \(/.exec(title) ?? [];
  // That it ran where it says counts where it did not.
  if (framework === undefined || (group === undefined && status === "passed")) return;
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
  console.error(`${supportPath} is not what the tests ran; run: npx -y pnpm@12 matrix --write`);
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
