import { parseArgs } from "node:util";
import { judge, report } from "./report.ts";
import { runChaos } from "./run.ts";

const callers = 200;
const { seconds, seed } = readFlags();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

console.log(`chaos: seed ${seed}, ${callers} callers, ${seconds} s`);
const startedAt = performance.now();
const outcome = await runChaos({
  seed,
  callers,
  seconds,
  onProgress({ tally, app, current }) {
    const elapsed = ((performance.now() - startedAt) / 1_000).toFixed(0);
    const { calls, failed } = tally;
    console.log(
      `${elapsed.padStart(4)} s  ${calls} calls, ${failed} failed, ${app.sent.token} token requests; now: ${[...current].join(", ") || "nothing"}`,
    );
  },
}).catch((error: unknown) => {
  console.error(error);
  console.log(
    `chaos: seed ${seed}, broke off after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
  );
  process.exit(1);
});
console.log(report(outcome, seed));
if (judge(outcome).some(({ holds }) => !holds)) process.exitCode = 1;

function readFlags(): { seconds: number; seed: number } {
  const options = {
    minutes: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { minutes, seconds, seed, help } = parseArgs({ options }).values;
    if (help) tellUsage(0);
    const flags = {
      seconds: seconds === undefined ? Number(minutes ?? 1) * 60 : Number(seconds),
      seed: Number(seed ?? Math.floor(Math.random() * 2 ** 31)),
    };
    if (flags.seconds > 0 && Number.isSafeInteger(flags.seed)) return flags;
  } catch {
    // Told below.
  }
  tellUsage(2);
}

function tellUsage(code: 0 | 2): never {
  console[code === 0 ? "log" : "error"]("Usage: chaos [--minutes N | --seconds N] [--seed N]");
  process.exit(code);
}
