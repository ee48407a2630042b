// Runs fleets of each size through the scenes of the simulation, and renews the figures of docs/scale.md, unless a fleet
// broke a rule.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { renderBarChart } from "../bench/src/report/bar-chart.ts";
import { formatNumber } from "../bench/src/report/format.ts";
import { renderTable } from "../bench/src/report/markdown.ts";
import { runFleet } from "../packages/core/src/simulation/fleet/fleet.test.support.ts";
import { scenes } from "../packages/core/src/simulation/fleet/scenes.test.support.ts";

// Whoever asks for --help does not want to wait for minutes, and find the page written anew.
if (process.argv.length > 2) {
  console.error("Usage: scale");
  process.exit(2);
}

const sizes = [10, 100, 1_000, 10_000];
/** A figure is the worst of these runs. */
const seeds = [1, 2, 3];
const pagePath = "docs/scale.md";
const chartsPath = "docs/scale";
const start = "<!-- made by `pnpm scale` -->";
const end = "<!-- end of what `pnpm scale` made -->";

/** Of one scene, for each size: the reports of all seeds. */
const runs = new Map();
for (const scene of scenes) {
  const ofScene = [];
  for (const size of sizes) {
    const reports = [];
    for (const seed of seeds) {
      const report = await runFleet(scene, size, seed);
      reports.push(report);
      console.log(`${scene.name}, ${size} processes, seed ${seed}: ${report.requests.join()} token requests`);
      for (const rule of report.violations) console.error(`Not so: ${rule}`);
      if (report.violations.length > 0) process.exitCode = 1;
    }
    ofScene.push(reports);
  }
  runs.set(scene.name, ofScene);
}

const worst = (reports, figure) => Math.max(...reports.map(figure));
const requests = (reports) => worst(reports, (report) => Math.max(...report.requests));
const shared = scenes.filter(({ store }) => store !== undefined);
const startPeak = (reports) => worst(reports, ({ storeCalls }) => storeCalls.startPeak);
const turnoverPeak = (reports) => worst(reports, ({ storeCalls }) => storeCalls.turnoverPeak);

function table(title, of, figure) {
  const columns = [title, ...sizes.map((size) => `${formatNumber(size)} processes`)];
  const rows = of.map(({ name }) => [name, ...runs.get(name).map(figure)]);
  return renderTable({ columns, rows });
}

function chart(name, title, unit, bars) {
  mkdirSync(chartsPath, { recursive: true });
  writeFileSync(`${chartsPath}/${name}.svg`, renderBarChart({ name, title, unit, bars }));
  return `![${title}, ${unit}](scale/${name}.svg)`;
}

function barsOf(group, scene, label, figure) {
  return sizes.map((size, index) => ({
    name: `${formatNumber(size)} processes, ${label}`,
    group,
    value: figure(runs.get(scene)[index]),
  }));
}

if (process.exitCode !== 1) {
  const times = ["median", "p99", "max"];
  const firstToken = (reports) =>
    times
      .map((time) => formatNumber(Math.round(worst(reports, (report) => report.firstToken[time]))))
      .join(" / ");
  const made = [
    chart("requests", "Token requests for one token", "requests", [
      ...barsOf("peer", "no store", "no store", requests),
      ...barsOf("ours", "cold start at once", "one store", requests),
    ]),
    table("Token requests for one token", scenes, requests),
    table("Time to the first token, ms: p50 / p99 / longest", scenes, firstToken),
    chart("operations", "Store operations in the busiest second", "operations", [
      ...barsOf("peer", "cold start at once", "start at once", startPeak),
      ...barsOf("peer", "cold start within 30 s", "start within 30 s", startPeak),
      ...barsOf("ours", "cold start at once", "turnover", turnoverPeak),
    ]),
    table("Store operations in the busiest second of the start", shared, startPeak),
    table("Store operations in the busiest second of the turnovers", shared, turnoverPeak),
    table("Store operations a second over the turnovers, mean", shared.slice(0, 1), (reports) =>
      worst(reports, ({ storeCalls }) => storeCalls.turnoverMean),
    ),
  ];
  const page = readFileSync(pagePath, "utf8");
  const [before, after] = [page.indexOf(start), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`${pagePath} has lost its marks`);
  writeFileSync(pagePath, `${page.slice(0, before)}${start}\n\n${made.join("\n\n")}\n\n${page.slice(after)}`);
}
