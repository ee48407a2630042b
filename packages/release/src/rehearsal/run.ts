import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

export interface Place {
  readonly cwd: string;
  /** Besides those of this process. */
  readonly env?: Record<string, string>;
}

/** No command of a rehearsal takes nearly as long. */
const timeout = 600_000;
const alive = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of alive) killGroup(child);
});

/** Runs a command, and resolves with what it printed. What it printed is in the error where it fails, too. */
export async function run(command: string, args: readonly string[], place: Place): Promise<string> {
  const options = { ...optionsOf(place), timeout, killSignal: "SIGKILL", maxBuffer: 2 ** 26 } as const;
  const attempt = promisify(execFile)(command, [...args], options);
  const { stdout, stderr } = await attempt.catch((failure: { stdout: string; stderr: string }) => {
    throw new Error(`${[command, ...args].join(" ")} failed:\n${failure.stdout}${failure.stderr}`);
  });
  return stdout + stderr;
}

/** Starts a command that is to be ended by `end`, in a group of processes of its own. */
export function start(command: string, args: readonly string[], place: Place): Started {
  const child = spawn(command, args, {
    ...optionsOf(place),
    detached: true,
    timeout,
    stdio: ["ignore", "pipe", "inherit"],
  });
  alive.add(child);
  const exit = once(child, "exit").finally(() => alive.delete(child));
  return {
    lines: createInterface(child.stdout),
    async end() {
      killGroup(child);
      await exit;
    },
  };
}

export interface Started {
  /** What it prints. */
  readonly lines: AsyncIterable<string>;
  /** Kills it with all that it started, and resolves once it has ended. */
  end(): Promise<void>;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

function optionsOf({ cwd, env }: Place) {
  return { cwd, env: { ...process.env, ...env } };
}
