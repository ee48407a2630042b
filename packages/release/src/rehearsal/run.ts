import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Place {
  readonly cwd: string;
  /** Besides those of this process. */
  readonly env?: Record<string, string>;
}

export interface Started {
  /** What it prints. */
  readonly lines: AsyncIterable<string>;
  /** Kills it with all that it started, and resolves once it has ended. */
  end(): Promise<void>;
}

// No proxy leads to the registry on this machine.
const exempt = [process.env["NO_PROXY"] ?? process.env["no_proxy"], "127.0.0.1"].filter(Boolean).join();

const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) killGroup(child);
});

/** Runs a command, and resolves with what it printed. What it printed is in the error where it fails, too. */
export async function run(command: string, args: readonly string[], place: Place): Promise<string> {
  const child = launch(command, args, place);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code, signal] = await once(child, "close");
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code ?? signal}:\n${output}`);
  return output;
}

/** Starts a command that runs until it is told to end. */
export function start(command: string, args: readonly string[], place: Place): Started {
  const child = launch(command, args, place);
  child.stderr.resume();
  const exit = once(child, "exit");
  return {
    lines: createInterface(child.stdout),
    async end() {
      killGroup(child);
      await exit;
    },
  };
}

/** Starts a command in a group of processes of its own, which ends with this process at the latest. */
function launch(command: string, args: readonly string[], { cwd, env }: Place) {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_PROXY: exempt, no_proxy: exempt, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  alive.add(child);
  child.once("close", () => alive.delete(child));
  return child;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
