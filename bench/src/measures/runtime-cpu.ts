import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Runtime, runtimes, startWorker, workerdName } from "@personify-auth/runtimes";
import type { Target } from "../contender.ts";
import { chooseCores } from "../cores.ts";
import { childrenNamed, cpuTimeOf } from "../process-cpu.ts";
import type { RuntimeSubject } from "../runtime-subjects.ts";

/** How many calls, `concurrency` at a time, are made before any is measured, and how many are. */
export interface RuntimePlan {
  readonly subject: RuntimeSubject;
  readonly target: Target;
  readonly concurrency: number;
  readonly warmUpCalls: number;
  readonly calls: number;
}

export interface MeasuredRuntime {
  readonly name: string;
  /** User and system CPU time of a new process, all of its threads, in µs per call. */
  cpuPerCall(plan: RuntimePlan): Promise<number>;
}

/**
 * Where the transport is the runtime's fetch. workerd is among them on Linux only: nothing inside it tells its CPU
 * time.
 */
export const measuredRuntimes: readonly MeasuredRuntime[] = [
  ...runtimes
    .filter(({ name }) => !name.startsWith("Node"))
    .map((runtime) => ({ name: runtime.name, cpuPerCall: inProcessOf(runtime) })),
  ...(process.platform === "linux" ? [{ name: workerdName, cpuPerCall: inWorkerd }] : []),
];

const run = promisify(execFile);
const folder = join(import.meta.dirname, "..");

function inProcessOf({ command, flags }: Runtime): MeasuredRuntime["cpuPerCall"] {
  // Built packages, as a user has them.
  const own = flags.filter((flag) => !flag.startsWith("--conditions"));
  const { contenders: core } = chooseCores();
  return async (plan) => {
    const script = [...own, join(folder, "runtime-script.ts"), JSON.stringify(plan)];
    const { stdout } =
      core === undefined
        ? await run(command, script)
        : await run("taskset", ["-c", String(core), command, ...script]);
    return Number(stdout);
  };
}

async function inWorkerd({ calls, warmUpCalls, ...plan }: RuntimePlan): Promise<number> {
  const worker = await startWorker(join(folder, "runtime-worker.ts"));
  const [pid = 0] = childrenNamed("workerd");
  async function make(count: number): Promise<void> {
    const answer = await fetch(worker.url, {
      method: "POST",
      body: JSON.stringify({ ...plan, calls: count }),
    });
    if (!answer.ok) throw new Error(`The worker answered ${answer.status}: ${await answer.text()}`);
  }
  try {
    await make(warmUpCalls);
    const spent = cpuTimeOf(pid);
    await make(calls);
    return ((cpuTimeOf(pid) - spent) * 1_000) / calls;
  } finally {
    await worker.stop();
  }
}
