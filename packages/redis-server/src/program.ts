import { spawnSync } from "node:child_process";

/** A Redis or Valkey that runs on this machine. */
export interface Program {
  readonly path: string;
  /** Folders of libraries that it needs beside those of the system. */
  readonly libraries: readonly string[];
}

export function runs({ path, libraries }: Program): boolean {
  return spawnSync(path, ["--version"], { env: environmentFor(libraries) }).status === 0;
}

export function environmentFor(libraries: readonly string[]): NodeJS.ProcessEnv {
  return libraries.length === 0 ? process.env : { ...process.env, LD_LIBRARY_PATH: libraries.join(":") };
}
