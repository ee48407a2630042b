import { parseArgs } from "node:util";
import { properties } from "./properties.test.support.ts";
import { type Failure, runProperty } from "./property.test.support.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "10000" },
    /** Names of properties, separated by commas. */
    only: { type: "string" },
    /** Of the first batch; each after it has the next. */
    seed: { type: "string", default: "1" },
    path: { type: "string" },
  },
});
const asked = Number(values.runs);
if (!(asked > 0)) throw new Error(`--runs: expected a number of 1 or more, got ${values.runs}`);
const names = properties.map(({ name }) => name);
const only = values.only?.split(",") ?? names;
const unknown = only.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`--only: expected some of ${names.join()}, got ${unknown}`);

const progressEvery = 10_000;
let allRuns = 0;
let failures = 0;
const startedAt = performance.now();

for (const property of properties.filter(({ name }) => only.includes(name))) {
  const { name, rule, oneIn = 1 } = property;
  const propertyStartedAt = performance.now();
  let toldAt = propertyStartedAt;
  const perSecond = (done: number) => ((done * 1_000) / (performance.now() - propertyStartedAt)).toFixed(0);
  const { runs, counts, failure } = await runProperty(
    property,
    { runs: Math.ceil(asked / oneIn), seed: Number(values.seed), path: values.path },
    (done) => {
      if (performance.now() - toldAt < progressEvery) return;
      toldAt = performance.now();
      console.log(`${name}: ${done} runs, ${perSecond(done)} a second`);
    },
  );
  allRuns += runs;
  console.log(`${name}: ${runs} runs, ${perSecond(runs)} a second; ${JSON.stringify(counts)}`);
  if (failure !== undefined) {
    failures += 1;
    tell(name, rule, failure);
  }
}

function tell(name: string, rule: string, { run, seed, path, reason, input }: Failure): void {
  console.log(`\n${name}, run ${run}: not so: ${rule}\n${reason}\n${input}`);
  if (path === undefined) return;
  console.log(`Again: pnpm fuzz --only ${name} --seed ${seed} --path ${path}\n`);
}

const seconds = (performance.now() - startedAt) / 1_000;
console.log(
  `${allRuns} runs of ${only.length} properties, ${failures} failures, ${(allRuns / seconds).toFixed(0)} runs a second`,
);
process.exitCode = failures > 0 ? 1 : 0;
