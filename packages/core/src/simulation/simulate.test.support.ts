import { parseArgs } from "node:util";
import fc from "fast-check";
import { scenarios } from "./actions.test.support.ts";
import { run, Violation } from "./run.test.support.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "10000" },
    /** The first seed; each stands for as many scenarios as are in a batch. */
    from: { type: "string", default: "1" },
    path: { type: "string" },
  },
});
const seeds = Number(values.seeds);
const batch = 1_000;
const now = performance.now.bind(performance);
const startedAt = now();

let played = 0;
let failed = 0;
for (let seed = Number(values.from); played < seeds; seed += 1) {
  const numRuns = Math.min(batch, seeds - played);
  const result = await fc.check(fc.asyncProperty(scenarios, run), {
    seed,
    numRuns,
    ...(values.path !== undefined && { path: values.path }),
  });
  played += result.numRuns;
  if (result.failed) {
    failed += 1;
    const [scenario] = result.counterexample ?? [];
    const violation = result.errorInstance;
    console.log(`\nSeed ${seed}: ${violation instanceof Error ? violation.message : violation}`);
    if (violation instanceof Violation) console.log(violation.trace.join("\n"));
    console.log(JSON.stringify(scenario));
    console.log(`Again: pnpm simulate --from ${seed} --seeds ${batch} --path ${result.counterexamplePath}\n`);
    break;
  }
  if (played % 10_000 === 0) {
    const perSecond = (played / (now() - startedAt)) * 1_000;
    console.log(`${played} seeds, ${perSecond.toFixed(0)} a second`);
  }
}
const seconds = (now() - startedAt) / 1_000;
console.log(`${played} seeds, ${failed} violations, ${(played / seconds).toFixed(0)} seeds a second`);
if (failed > 0) process.exitCode = 1;
