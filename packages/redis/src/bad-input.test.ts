import { createPersonifyClient, type PersonifyEvent, type TokenStore } from "@personify-auth/core";
import { startEmulator } from "@personify-auth/emulator";
import { type RedisServer, startRedis } from "@personify-auth/redis-server";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { kinds } from "./clients.test.support.ts";
import { redisTokenStore } from "./index.ts";

async function running(...config: string[]): Promise<RedisServer> {
  const server = await startRedis(config);
  onTestFinished(() => server.kill());
  return server;
}

/** A client of the test's own, which may do everything. */
function adminOf({ url }: RedisServer): Redis {
  const admin = new Redis(url);
  onTestFinished(() => admin.disconnect());
  return admin;
}

/** What an app whose tokens are in this store tells of it, while it gets two of them; all of its calls succeed. */
async function adviceOf(tokenStore: TokenStore): Promise<string> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const events: PersonifyEvent[] = [];
  const client = createPersonifyClient({
    ...emulator.credentials,
    tokenStore,
    tokenUrl: emulator.tokenUrl,
    apiBaseUrl: emulator.apiBaseUrl,
    allowInsecureHttp: "loopback",
    onEvent: (event) => void events.push(event),
  });
  await client.get("/api/v1/whoami");
  await client.getAccessToken({ forceRefresh: true });
  await client.get("/api/v1/whoami");
  expect(emulator.requests({ kind: "token" })).toHaveLength(2);
  const failures = events.filter((event) => event.type === "store_failed");
  expect(failures).toHaveLength(1);
  expect(failures[0]?.reason).toBe("error");
  return failures[0]?.advice ?? "none";
}

describe.each(kinds)("by %s, the app goes on and one event says what to do where Redis", (_name, connect) => {
  async function storeOn(url: string): Promise<Required<TokenStore>> {
    const { client, close } = await connect(url);
    onTestFinished(close);
    return redisTokenStore(client);
  }

  test("is a read-only replica", async () => {
    const primary = await running();
    const replica = await running("--replicaof", "127.0.0.1", String(primary.port));
    expect(await adviceOf(await storeOn(replica.url))).toMatch(/replica.*connect the client to the primary/);
  });

  test("is full", async () => {
    const server = await running("--maxmemory", "1");
    expect(await adviceOf(await storeOn(server.url))).toMatch(/full.*maxmemory/);
  });

  test("holds a value of another type under the key", async () => {
    const server = await running();
    const admin = adminOf(server);
    const store = await storeOn(server.url);
    const spoiled: TokenStore = {
      ...store,
      async get(key, options) {
        await admin.sadd(`{personify-auth:${key}}:token`, "a member");
        return store.get(key, options);
      },
    };
    expect(await adviceOf(spoiled)).toMatch(/another type.*prefix/);
  });

  test.each([
    ["no scripts", ["+@all", "-@scripting", "~*", "&*"]],
    ["no scripts that write", ["+@all", "-set", "~*", "&*"]],
    ["other keys", ["+@all", "~other:*", "&*"]],
  ])("allows the client's user %s", async (_what, rules) => {
    const server = await running();
    await adminOf(server).call("ACL", "SETUSER", "app", "on", ">app-password-1", ...rules);
    const store = await storeOn(server.url.replace("//", "//app:app-password-1@"));
    expect(await adviceOf(store)).toMatch(/user of Redis may not.*allow it EVALSHA/);
  });

  test("has no scripts", async () => {
    const server = await running("--rename-command", "EVALSHA", "");
    expect(await adviceOf(await storeOn(server.url))).toMatch(/EVALSHA.*use Redis 2.6.12/);
  });

  test("is gone", async () => {
    const server = await running();
    const store = await storeOn(server.url);
    await server.kill();
    expect(await adviceOf(store)).toMatch(/no connection.*that Redis is up/);
  });

  test("was disconnected from", async () => {
    const server = await running();
    const { client, close } = await connect(server.url);
    close();
    expect(await adviceOf(redisTokenStore(client))).toMatch(/not connected.*connect\(\)/);
  });
});

test("the app goes on, at once, and one event says what to do where a transaction is open on its client", async () => {
  const client = adminOf(await running());
  await client.multi({ pipeline: false });
  expect(await adviceOf(redisTokenStore(client))).toMatch(/a client of its own/);
});
