export { openRedis, type RedisServer, startRedis } from "./start-redis.ts";
