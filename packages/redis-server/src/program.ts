import { spawnSync } from "node:child_process";

/** A Redis or Valkey that runs on this machine. */
export interface Program {
  readonly path: string;
  /** What it runs with: where the libraries are that it brings along. */
  readonly env: NodeJS.ProcessEnv;
}

export function runs({ path, env }: Program): boolean {
  return spawnSync(path, ["--version"], { env }).status === 0;
}
