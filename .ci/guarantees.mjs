// Fails where one of these pages names a test that the last run did not have, or did not pass.
import { globSync, readFileSync } from "node:fs";

const pagePaths = ["docs/guarantees.md", "docs/security.md"];

const reports = globSync("packages/*/.results/vitest.json").map((path) =>
  JSON.parse(readFileSync(path, "utf8")),
);
/** The suite of all adapters is run by each of them, and what it shows holds where it passes in each. */
const suite = "packages/contract/src/contract.test.ts";
const runsOf = (path) => (path === suite ? globSync("packages/*/src/contract.test.ts") : [path]);

/** The tests of a file, each with the titles that lead to it. */
function testsOf(path) {
  return reports
    .flatMap(({ testResults }) => testResults)
    .filter(({ name }) => name.endsWith(`/${path}`))
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ ancestorTitles, title, status }) => ({ titles: [...ancestorTitles, title], status }));
}

/** Whether these are the last of a test's titles, word for word; "…" is what sets the cases of one test apart. */
function isNamed(named, titles) {
  return named.every((name, index) => {
    const parts = name.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`, "s").test(titles.at(index - named.length) ?? "");
  });
}

function check(pagePath) {
  const page = readFileSync(pagePath, "utf8");
  /** The page's name of a file → its path, from lines such as `[client]: ../packages/core/src/client.test.ts`. */
  const files = new Map(
    [...page.matchAll(/^\[([\w-]+)\]: \.\.\/(.+)$/gm)].map(([, name, path]) => [name, path]),
  );
  const tests = new Map([...files.values()].flatMap(runsOf).map((path) => [path, testsOf(path)]));
  const problems = [];
  const namedBy = new Map();
  /** Whatever stands in a table, but for its head. */
  const rows = page.split("\n").filter((line) => /^\|(?! \||[ -]*---)/.test(line));
  for (const row of rows) {
    const [number, , test = ""] = row.slice(2, -2).split(" | ");
    const [, title, name] = /^`(.+)` \[([\w-]+)\]$/.exec(test) ?? [];
    if (title === undefined) {
      problems.push(`${number} names no test; expected \`group › title\` [file]`);
      continue;
    }
    if (!files.has(name)) {
      problems.push(`${number} names the file ${name}, which the page does not say where to find`);
      continue;
    }
    for (const path of runsOf(files.get(name))) {
      const found = tests.get(path).filter(({ titles }) => isNamed(title.split(" › "), titles));
      if (found.length === 0) problems.push(`${number} names a test that ${path} does not have: ${title}`);
      else if (found.some(({ status }) => status !== "passed"))
        problems.push(`${number} is not kept: ${title} in ${path}`);
      for (const each of found) {
        const other = namedBy.get(each);
        if (other !== undefined)
          problems.push(`${number} and ${other} name the same test: ${each.titles.join(" › ")}`);
        namedBy.set(each, number);
      }
    }
  }
  for (const problem of problems) console.error(`${pagePath}: ${problem}`);
  console.log(`${rows.length} lines in ${pagePath}, ${problems.length} problems with their tests`);
  if (problems.length > 0 || rows.length === 0) process.exitCode = 1;
}

for (const pagePath of pagePaths) check(pagePath);
