import { parseArgs } from "node:util";
import { properties } from "./properties.test.support.ts";
import { type Failure, runProperty } from "./property.test.support.ts";

const names = properties.map(({ name }) => name);
const { asked, only, seed, path } = readFlags();

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
    { runs: Math.ceil(asked / oneIn), seed, path },
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
  if (path === undefined) {
    console.log(`\n${name}: hardly tried, make more runs: ${reason}\n`);
    return;
  }
  console.log(`\n${name}, run ${run}: not so: ${rule}\n${reason}\n${input}`);
  console.log(`Again: npx -y pnpm@12 fuzz --only ${name} --seed ${seed} --path ${path}\n`);
}

const seconds = (performance.now() - startedAt) / 1_000;
console.log(
  `${allRuns} runs of ${only.length} properties, ${failures} failures, ${(allRuns / seconds).toFixed(0)} runs a second`,
);
// At once: connections to the servers of some properties stay open for a minute.
process.exit(failures > 0 ? 1 : 0);

function readFlags() {
  try {
    const { runs, only, seed, path } = parseArgs({
      options: {
        runs: { type: "string", default: "10000" },
        /** Names of properties, separated by commas. */
        only: { type: "string" },
        /** Of the first batch; each after it has the next. */
        seed: { type: "string", default: "1" },
        path: { type: "string" },
      },
    }).values;
    const asked = Number(runs);
    if (!(asked > 0)) throw new Error(`--runs: expected a number of 1 or more, got ${runs}`);
    const chosen = only?.split(",") ?? names;
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`--only: expected some of ${names.join()}, got ${unknown}`);
    return { asked, only: chosen, seed: Number(seed), path };
  } catch (error) {
    console.error((error as Error).message);
    console.error(`Usage: fuzz [--runs N] [--only ${names.join()}] [--seed N [--path PATH]]`);
    process.exit(2);
  }
}
