import { parseArgs } from "node:util";
import { runProperty } from "../fuzz/property.test.support.ts";
import { simulation } from "./run.test.support.ts";

const { asked, from, path } = readFlags();

const startedAt = performance.now();
const perSecond = (done: number) => ((done * 1_000) / (performance.now() - startedAt)).toFixed(0);
const { runs, failure } = await runProperty(simulation, { runs: asked, seed: from, path }, (done) => {
  if (done % 10_000 === 0) console.log(`${done} seeds, ${perSecond(done)} a second`);
});
if (failure !== undefined) {
  const { run, seed, path, reason, input } = failure;
  console.log(`\nScenario ${run}, seed ${seed}: ${reason}\n${input}`);
  console.log(`Again: npx -y pnpm@12 simulate --from ${seed} --path ${path}\n`);
  process.exitCode = 1;
}
console.log(`${runs} seeds, ${failure ? 1 : 0} violations, ${perSecond(runs)} seeds a second`);

function readFlags() {
  try {
    const { seeds, from, path } = parseArgs({
      options: {
        /** How many scenarios. */
        seeds: { type: "string", default: "10000" },
        /** The seed of the first batch of scenarios; each after it has the next. */
        from: { type: "string", default: "1" },
        path: { type: "string" },
      },
    }).values;
    const asked = Number(seeds);
    if (!(asked > 0)) throw new Error(`--seeds: expected a number of 1 or more, got ${seeds}`);
    return { asked, from: Number(from), path };
  } catch (error) {
    console.error((error as Error).message);
    console.error("Usage: simulate [--seeds N] [--from N [--path PATH]]");
    process.exit(2);
  }
}
