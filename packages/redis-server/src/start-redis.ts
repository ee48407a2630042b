import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "./find-program.ts";

/** A Redis on a port of 127.0.0.1, that keeps nothing on disk. */
export interface RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  /** Freezes it, with all connections open, and thaws it. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Ends it at once, if it runs. */
  kill(): Promise<void>;
  /** Starts it on the same port, once it was killed: it is empty. */
  start(): Promise<void>;
}

/** Of the whole project, and ignored by git. */
const cache = join(import.meta.dirname, "../../../node_modules/.cache/redis-server");

/**
 * Starts a Redis of its own.
 *
 * @param config - more of what `redis-server` takes, such as `["--maxmemory", "2mb"]`
 * @throws Error that names the ways out, where there is no program to be had
 */
export async function startRedis(config: readonly string[] = []): Promise<RedisServer> {
  const program = await findProgram(cache);
  for (let attempts = 20; ; attempts -= 1) {
    // Below those that the system gives to near ends of connections: it has to be free again after a kill.
    const port = 10_000 + Math.floor(Math.random() * 6_000);
    let child: ChildProcess | undefined;
    const server: RedisServer = {
      port,
      url: `redis://127.0.0.1:${port}`,
      signal: (name) => void child?.kill(name),
      async kill() {
        if (child?.kill("SIGKILL")) await once(child, "exit");
      },
      async start() {
        const own = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", tmpdir()];
        const started = spawn(program.path, [...own, ...config], {
          env: program.env,
          stdio: ["ignore", "pipe", "pipe"],
        });
        started.once("exit", () => {
          child = undefined;
        });
        endWithThisProcess(started);
        await isReady(started);
        child = started;
      },
    };
    try {
      await server.start();
      return server;
    } catch (error) {
      if (attempts === 0 || !(error as Error).message.includes("Address already in use")) throw error;
    }
  }
}

/** However this one ends, killed too: the pipe to the guard closes then. */
function endWithThisProcess(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const command = ["-c", 'read -r _; kill -9 "$0"', String(child.pid)];
  const guard = spawn("sh", command, { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.unref();
  child.once("exit", () => guard.kill("SIGKILL"));
}

/** Resolves once it listens; rejects with all that it has said where it ends instead. */
function isReady(child: ChildProcess): Promise<void> {
  let output = "";
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
        if (output.includes("Ready to accept connections")) resolve();
      });
    }
    child.once("error", reject);
    child.once("close", () => reject(new Error(`redis-server ended: ${output}`)));
  });
}

/** The Redis of REDIS_URL, for tests that only need some Redis and leave their own keys behind at most; otherwise one of its own. */
export async function openRedis(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const given = process.env["REDIS_URL"];
  if (given) return { url: given, close: async () => {} };
  const { url, kill } = await startRedis();
  return { url, close: kill };
}
