import { createPersonifyClient, optionsFromEnv, type TokenStore } from "@personify-auth/core";
import { type RedisTokenStoreOptions, redisTokenStore } from "@personify-auth/redis";
import { expectTypeOf } from "expect-type";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";

const nodes = { name: "primary", sentinelRootNodes: [{ host: "127.0.0.1", port: 26_379 }] };

redisTokenStore(new Redis());
redisTokenStore(new Redis({ name: nodes.name, sentinels: nodes.sentinelRootNodes }));
redisTokenStore(new Cluster([]));
redisTokenStore(createClient());
redisTokenStore(createCluster({ rootNodes: [] }));
redisTokenStore(createSentinel(nodes));
const tokenStore = redisTokenStore(createClient(), { prefix: "app" });

expectTypeOf(tokenStore).toEqualTypeOf<Required<TokenStore>>();
expectTypeOf<RedisTokenStoreOptions>().toEqualTypeOf<{ readonly prefix?: string }>();

createPersonifyClient({ ...optionsFromEnv(process.env), tokenStore });

// @ts-expect-error a client is awaited first
redisTokenStore(createClient().connect());
// @ts-expect-error an address is no client
redisTokenStore("redis://127.0.0.1");
// @ts-expect-error there is no such option
redisTokenStore(createClient(), { ttl: 1 });
