import { Redis } from "ioredis";
import { Redis as OldestRedis } from "ioredis-oldest";
import { createClient } from "redis";
import { createClient as createOldestClient } from "redis-oldest";
import type { IoredisClient, NodeRedisClient } from "./index.ts";

/** A client of a user, connected. */
export interface UsersClient {
  readonly client: IoredisClient | NodeRedisClient;
  close(): void;
}

/** How users connect, by name and version of their client. */
export const kinds: readonly (readonly [name: string, connect: (url: string) => Promise<UsersClient>])[] = [
  ["ioredis 6.0.0", (url) => connectIoredis(new Redis(url))],
  ["ioredis 5.3.0", (url) => connectIoredis(new OldestRedis(url))],
  ["redis 6.3.1", (url) => connectNodeRedis(createClient({ url }))],
  ["redis 5.0.0", (url) => connectNodeRedis(createOldestClient({ url }))],
];

async function connectIoredis(client: Redis | OldestRedis): Promise<UsersClient> {
  client.on("error", () => {});
  await new Promise<void>((resolve) => client.once("ready", resolve));
  return { client, close: () => client.disconnect() };
}

async function connectNodeRedis(
  client: ReturnType<typeof createClient> | ReturnType<typeof createOldestClient>,
): Promise<UsersClient> {
  client.on("error", () => {});
  await client.connect();
  return { client, close: () => client.destroy() };
}
