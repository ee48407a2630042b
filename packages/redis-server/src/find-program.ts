import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Program } from "./program.ts";
import { unpackProgram } from "./unpack-program.ts";

/**
 * A Redis or Valkey: the one on the PATH, or one that is unpacked into `cache`, now or earlier.
 *
 * @throws Error that names the ways out, where there is none to be had
 */
export async function findProgram(cache: string, env: NodeJS.ProcessEnv = process.env): Promise<Program> {
  const path = (env["PATH"] ?? "")
    .split(delimiter)
    .flatMap((folder) => ["redis-server", "valkey-server"].map((name) => join(folder, name)))
    .find(existsSync);
  if (path !== undefined) return { path, env };
  try {
    return await unpackProgram(cache, env);
  } catch (error) {
    throw new Error(`There is no Redis to test with. Any of these mends it:
- put a redis-server or valkey-server on the PATH
- where there is apt-get, let it reach its mirror: a Redis is unpacked into ${cache}, and nothing is installed
- set REDIS_URL to a Redis that tests may write to; it does for those that start no server of their own
What apt-get said: ${error instanceof Error ? error.message.trim() : error}`);
  }
}
