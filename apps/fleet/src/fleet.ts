import { parseArgs, styleText } from "node:util";
import { playScenes, type Scene } from "./scenes.ts";
import { openStage } from "./stage.ts";

const { processes, json } = readFlags();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

const startedAt = performance.now();
const scenes: Scene[] = [];
const stage = await openStage(processes);
try {
  for await (const scene of playScenes(stage)) {
    scenes.push(scene);
    if (!json) console.log(tell(scene));
  }
} finally {
  await stage.close();
}

const healthy = scenes.filter((scene) => scene.healthy);
const total = (count: "calls" | "failedCalls") => scenes.reduce((sum, scene) => sum + scene[count], 0);
const summary = {
  processes,
  scenes: scenes.length,
  scenesHeld: scenes.filter(holds).length,
  calls: total("calls"),
  failedCalls: total("failedCalls"),
  /** Per lifetime, in the healthy scene that had the most. */
  tokenRequests: Math.max(...healthy.map(({ tokenRequests, lifetimes }) => tokenRequests / lifetimes)),
};
if (json) console.log(JSON.stringify({ ...summary, byScene: scenes }));
else {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  console.log(
    `fleet: ${processes} processes, ${summary.calls} calls, ${summary.failedCalls} failed, ${summary.tokenRequests} token request per lifetime in healthy scenes, ${summary.scenesHeld} of ${summary.scenes} scenes hold, in ${seconds} s`,
  );
}
if (summary.scenesHeld < scenes.length) process.exitCode = 1;

function holds({ healthy, failedCalls, calls, tokenRequests, lifetimes }: Scene): boolean {
  return calls > 0 && failedCalls === 0 && (!healthy || tokenRequests === lifetimes);
}

function tell(scene: Scene): string {
  const mark = holds(scene) ? styleText("green", "✓") : styleText("red", "✗");
  const { name, calls, failedCalls, causes, tokenRequests, refused, lifetimes } = scene;
  const details = [
    `${calls} calls`,
    `${failedCalls} failed`,
    `${tokenRequests} token requests in ${lifetimes} lifetimes`,
    ...(refused > 0 ? [`${refused} refused`] : []),
    ...causes,
  ];
  return `${mark} ${name}: ${details.join(", ")}`;
}

function readFlags(): { processes: number; json: boolean } {
  const options = {
    processes: { type: "string", default: "8" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { processes, json, help } = parseArgs({ options }).values;
    if (help) tellUsage(0);
    const count = Number(processes);
    if (Number.isInteger(count) && count >= 2 && count <= 100) return { processes: count, json };
  } catch {
    // Told below.
  }
  tellUsage(2);
}

function tellUsage(code: 0 | 2): never {
  console[code === 0 ? "log" : "error"]("Usage: fleet [--processes N, from 2 to 100] [--json]");
  process.exit(code);
}
