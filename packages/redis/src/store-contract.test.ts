import { describeTokenStore } from "@personify-auth/contract";
import { openRedis } from "@personify-auth/redis-server";
import { kinds, type UsersClient } from "./clients.test.support.ts";
import { redisTokenStore } from "./index.ts";

for (const [name, connect] of kinds) {
  describeTokenStore(`Redis, by ${name}`, async () => {
    const redis = await openRedis();
    const clients: UsersClient[] = [];
    return {
      async connect() {
        const connected = await connect(redis.url);
        clients.push(connected);
        return redisTokenStore(connected.client);
      },
      async close() {
        for (const { close } of clients) close();
        await redis.close();
      },
    };
  });
}
