// Fails where a published package has changed without a changeset; docs/decisions/0013-changesets-come-with-changes.md
// says what that means.
import { judgeChangesets } from "../packages/pack-checks/src/changesets.test.support.ts";

const { since, faults } = await judgeChangesets(process.cwd());
for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(
    "Write a missing one with npx -y pnpm@12 changeset, in a file of its own or in one that came with the change. Where users " +
      'get nothing that they could notice, its bump is "none".',
  );
}
// A checkout on GitHub without history would pass whatever changed.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo does not run this.
const isBlind = since.length === 0 && process.env["GITHUB_ACTIONS"] !== undefined;
if (isBlind) console.error("There is no history to find changes in: check out with fetch-depth: 0");
console.log(
  `Changesets: ${faults.length} problems, ${since.length > 0 ? `since ${since.join(" and ")}` : "no history"}`,
);
if (faults.length > 0 || isBlind) process.exitCode = 1;
