// Adds up what the packages' test runs reported, as the last line of `pnpm test`.
import { globSync, readFileSync } from "node:fs";

const reports = globSync("{packages/*,apps/*,bench,docs}/.results/vitest.json");
const total = { passed: 0, failed: 0, skipped: 0 };
for (const report of reports) {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(report, "utf8"),
  );
  total.passed += numPassedTests;
  total.failed += numFailedTests;
  total.skipped += numPendingTests + numTodoTests;
}
console.log(
  `Build, lint, layers, unused code and the tests of ${reports.length} packages:\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
