export type { IoredisClient, NodeRedisClient } from "./connection.ts";
export { type RedisTokenStoreOptions, redisTokenStore } from "./redis-token-store.ts";
