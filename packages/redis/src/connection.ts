import type { Script } from "./scripts.ts";

/** What is used of a client of `ioredis`, a cluster client among them. */
export interface IoredisClient {
  /** Whether it is connected. */
  readonly status: string;
  /** EVALSHA: runs a script that the server has. */
  evalsha(sha: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
  /** EVAL: runs a script. */
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Promise<unknown>;
}

/** What is used of a client of `redis`: one client, a pool, a cluster or a sentinel. */
export interface NodeRedisClient {
  /** Whether it was connected, and not closed since. */
  readonly isOpen: boolean;
  /** A pool has none. */
  readonly isReady?: boolean;
  /** EVALSHA: runs a script that the server has. */
  evalSha(sha: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  /** EVAL: runs a script. */
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
}

/** A client of either kind, which is the user's own: it is never connected or closed here. */
export interface Connection {
  state(): "ready" | "connecting" | "closed";
  run(script: Script, key: string, ...args: string[]): Promise<unknown>;
}

/** @throws TypeError where it is no such client */
export function connectionOf(client: IoredisClient | NodeRedisClient): Connection {
  if (isIoredis(client)) {
    return {
      state() {
        // "wait": made with `lazyConnect`, it connects with its first command.
        if (client.status === "ready" || client.status === "wait") return "ready";
        return client.status === "end" ? "closed" : "connecting";
      },
      run: (script, key, ...args) =>
        runCached(
          () => client.evalsha(script.sha, 1, key, ...args),
          () => client.eval(script.source, 1, key, ...args),
        ),
    };
  }
  if (isNodeRedis(client)) {
    return {
      state() {
        if (!client.isOpen) return "closed";
        return client.isReady === false ? "connecting" : "ready";
      },
      run(script, key, ...args) {
        const options = { keys: [key], arguments: args };
        return runCached(
          () => client.evalSha(script.sha, options),
          () => client.eval(script.source, options),
        );
      },
    };
  }
  const got = hasMethods(client, ["then"]) ? "a promise; await it first" : `a value of type ${typeof client}`;
  throw new TypeError(`redisTokenStore: expected a client of ioredis or of redis, got ${got}`);
}

function isIoredis(client: object): client is IoredisClient {
  return hasMethods(client, ["evalsha", "eval"]) && "status" in client;
}

function isNodeRedis(client: object): client is NodeRedisClient {
  return hasMethods(client, ["evalSha", "eval"]) && "isOpen" in client;
}

function hasMethods(value: object, names: readonly string[]): boolean {
  return names.every(
    (name) => typeof (value as Partial<Record<string, unknown>> | null)?.[name] === "function",
  );
}

/** By the script's name, which is short; a server that does not know it is sent the whole. */
async function runCached(byName: () => Promise<unknown>, whole: () => Promise<unknown>): Promise<unknown> {
  try {
    return await byName();
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return await whole();
  }
}
