import { createPersonifyClient, type PersonifyEvent } from "@personify-auth/core";
import { startEmulator } from "@personify-auth/emulator";
import { type RedisServer, startRedis } from "@personify-auth/redis-server";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster } from "redis";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { kinds } from "./clients.test.support.ts";
import { type NodeRedisClient, redisTokenStore } from "./index.ts";

const { signal } = new AbortController();
const minute = 60_000;

let server: RedisServer;
/** A client of the test's own. */
let own: Redis;
beforeAll(async () => {
  server = await startRedis();
  own = new Redis(server.url);
});
afterAll(async () => {
  own.disconnect();
  await server.kill();
});

describe.each(kinds)("a store by %s", (_name, connect) => {
  let prefix: string;
  const keyOf = (kind: string) => `{${prefix}:key}:${kind}`;

  async function open() {
    const { client, close } = await connect(server.url);
    onTestFinished(close);
    prefix = crypto.randomUUID();
    return redisTokenStore(client, { prefix });
  }

  test("keeps a token for what is left of its life by the clock of who sets it, and a lease for its ttl", async () => {
    const store = await open();
    await store.set("key", { sealed: "v1.a.b", expiresAt: Date.now() + minute }, { signal });
    await store.lease("key", { ttl: 5_000.2, signal });
    const token = await own.pttl(keyOf("token"));
    expect(token).toBeGreaterThan(minute / 2);
    expect(token).toBeLessThanOrEqual(minute);
    const lease = await own.pttl(keyOf("lease"));
    expect(lease).toBeGreaterThan(2_500);
    expect(lease).toBeLessThanOrEqual(5_001);
  });

  test("keeps no token that has expired", async () => {
    const store = await open();
    await store.set("key", { sealed: "v1.a.b", expiresAt: Date.now() }, { signal });
    expect(await own.exists(keyOf("token"))).toBe(0);
  });

  test("works after the server has forgotten the scripts", async () => {
    const store = await open();
    await own.script("FLUSH");
    expect(await store.get("key", { signal })).toBeUndefined();
    await store.set("key", { sealed: "v1.a.b", expiresAt: Date.now() + minute }, { signal });
    expect(await store.get("key", { signal })).toMatchObject({ sealed: "v1.a.b" });
  });

  test("gets whatever stands in a token's place, which core finds unreadable, and sets a token over it", async () => {
    const store = await open();
    for (const [value, read] of [
      ["something", { sealed: "", expiresAt: Number.NaN }],
      ["9999999999999:1:v1.c.d", { sealed: "1:v1.c.d", expiresAt: 9_999_999_999_999 }],
      ["9999999999999:1\n2", { sealed: "1\n2", expiresAt: 9_999_999_999_999 }],
    ] as const) {
      await own.set(keyOf("token"), value);
      expect(await store.get("key", { signal })).toEqual(read);
      const token = { sealed: "v1.a.b", expiresAt: Date.now() + minute };
      await store.set("key", token, { signal, replaces: read.sealed });
      expect(await store.get("key", { signal })).toEqual(token);
    }
  });

  test("ends a call that is aborted with the signal's reason, while Redis stands still", async () => {
    const stalled = await startRedis();
    onTestFinished(() => stalled.kill());
    const { client, close } = await connect(stalled.url);
    onTestFinished(close);
    const store = redisTokenStore(client);
    stalled.signal("SIGSTOP");
    const reason = new Error("enough");
    const calls = (signal: AbortSignal) => [
      store.get("key", { signal }),
      store.set("key", { sealed: "v1.a.b", expiresAt: Date.now() + minute }, { signal }),
      store.lease("key", { ttl: minute, signal }),
    ];
    const controller = new AbortController();
    const pending = calls(controller.signal);
    controller.abort(reason);
    for (const call of [...pending, ...calls(AbortSignal.abort(reason))]) {
      await expect(call).rejects.toBe(reason);
    }
    stalled.signal("SIGCONT");
    // The lease was granted after all, and goes back.
    await expect.poll(() => store.lease("key", { ttl: minute, signal })).toBeDefined();
  });
});

test("a lease that Redis grants after the client's own command timeout goes back", async () => {
  const stalled = await startRedis();
  onTestFinished(() => stalled.kill());
  const [impatient, other] = [{ commandTimeout: 100 }, {}].map((options) =>
    redisTokenStore(ioredis(new Redis(stalled.url, options))),
  );
  // Redis knows the scripts by now, so that the one it is sent while it stands still is run later.
  await (await impatient?.lease("another key", { ttl: minute, signal }))?.release();
  stalled.signal("SIGSTOP");
  await expect(impatient?.lease("key", { ttl: 60 * minute, signal })).rejects.toThrow("timed out");
  stalled.signal("SIGCONT");
  await expect.poll(() => other?.lease("key", { ttl: minute, signal }), { timeout: minute }).toBeDefined();
});

describe("a client that is still connecting", () => {
  test.each([
    ["ioredis", (url: string) => ioredis(new Redis(url))],
    ["ioredis with lazyConnect", (url: string) => ioredis(new Redis(url, { lazyConnect: true }))],
    ["redis", (url: string) => nodeRedis(createClient({ url }))],
  ])("is waited for: %s", async (_name, connect) => {
    const store = redisTokenStore(connect(server.url));
    expect(await store.get("key", { signal })).toBeUndefined();
  });

  test("is not waited for a second time where nobody answers", async () => {
    const gone = await startRedis();
    await gone.kill();
    const store = redisTokenStore(ioredis(new Redis(gone.url)));
    const advice = expect.stringContaining("no connection");
    await expect(store.get("key", { signal })).rejects.toMatchObject({ advice });
    const startedAt = performance.now();
    for (let calls = 0; calls < 100; calls++) {
      await expect(store.get("key", { signal })).rejects.toMatchObject({ advice });
    }
    // Each would have taken 200 ms.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

test.each([
  ["ioredis", (port: number) => ioredis(new Cluster([{ host: "127.0.0.1", port }]))],
  [
    "redis",
    (port: number) => nodeRedis(createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] })),
  ],
])("a cluster is reached by the cluster client of %s", async (_name, connect) => {
  const node = await startRedis([
    "--cluster-enabled",
    "yes",
    "--cluster-config-file",
    `${crypto.randomUUID()}.conf`,
    "--cluster-announce-ip",
    "127.0.0.1",
  ]);
  onTestFinished(() => node.kill());
  const admin = ioredis(new Redis(node.url));
  await admin.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  await expect.poll(() => admin.call("CLUSTER", "INFO"), { timeout: 10_000 }).toContain("cluster_state:ok");
  const store = redisTokenStore(connect(node.port));
  await expect
    .poll(() => store.get("key", { signal }).catch(() => "not yet"), { timeout: 10_000 })
    .toBeUndefined();
  await store.set("key", { sealed: "v1.a.b", expiresAt: Date.now() + minute }, { signal });
  expect(await store.get("key", { signal })).toMatchObject({ sealed: "v1.a.b" });
  const lease = await store.lease("key", { ttl: minute, signal });
  expect(await store.lease("key", { ttl: minute, signal })).toBeUndefined();
  await lease?.release();
  expect(await store.lease("key", { ttl: minute, signal })).toBeDefined();
  expect(
    new Set(await Promise.all((await admin.keys("*")).map((key) => admin.cluster("KEYSLOT", key)))).size,
  ).toBe(1);
});

function ioredis<T extends Redis | Cluster>(client: T): T {
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

function nodeRedis<
  T extends NodeRedisClient & {
    on(event: "error", listener: () => void): unknown;
    connect(): Promise<unknown>;
    destroy(): unknown;
  },
>(client: T): T {
  client.on("error", () => {});
  void client.connect();
  onTestFinished(() => void client.destroy());
  return client;
}

describe("what is no client or no option is a TypeError that says so", () => {
  test.each<[what: string, client: unknown, options: unknown, message: RegExp]>([
    ["nothing", undefined, {}, /a client of ioredis or of redis, got a value of type undefined/],
    ["null", null, {}, /a client of ioredis or of redis/],
    ["an address", "redis://user:password-1@redis.example", {}, /got a value of type string$/],
    ["a promise", Promise.resolve(), {}, /got a promise; await it first/],
    ["another client", { get: () => {}, set: () => {} }, {}, /a client of ioredis or of redis/],
    ["an unknown option", {}, { ttl: 1 }, /option ttl does not exist/],
    ["options that are none", {}, "prefix", /an object of options/],
    ["an empty prefix", {}, { prefix: "" }, /option prefix/],
    ["a prefix with a brace", {}, { prefix: "{a}" }, /option prefix/],
    ["a prefix with a space", {}, { prefix: "a b" }, /option prefix/],
    ["a prefix with a line break", {}, { prefix: "a\nb" }, /option prefix/],
    ["a prefix with a control character", {}, { prefix: "a\u0000" }, /option prefix/],
    ["a prefix of 101 characters", {}, { prefix: "a".repeat(101) }, /option prefix/],
    ["a prefix that is no string", {}, { prefix: 7 }, /option prefix/],
  ])("%s", (_what, client, options, message) => {
    const given = [client, options] as Parameters<typeof redisTokenStore>;
    expect(() => redisTokenStore(...given)).toThrow(TypeError);
    expect(() => redisTokenStore(...given)).toThrow(message);
  });

  test("a prefix of 100 characters is one", () => {
    expect(redisTokenStore(ioredis(new Redis(server.url)), { prefix: "ä".repeat(100) })).toBeDefined();
  });
});

describe("sealing", () => {
  test("everything that Redis holds shows no secret, token, client id or tenant", async () => {
    const apart = await startRedis();
    onTestFinished(() => apart.kill());
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const credentials = { clientId: "tell-tale-client-1", clientSecret: "tell-tale-secret-1" };
    emulator.clients.add(credentials);
    const events: PersonifyEvent[] = [];
    const member = () =>
      createPersonifyClient({
        ...credentials,
        tenantId: emulator.credentials.tenantId,
        tokenStore: redisTokenStore(ioredis(new Redis(apart.url))),
        tokenUrl: emulator.tokenUrl,
        apiBaseUrl: emulator.apiBaseUrl,
        allowInsecureHttp: "loopback",
        onEvent: (event) => void events.push(event),
      });
    const monitor = await ioredis(new Redis(apart.url)).monitor();
    onTestFinished(() => monitor.disconnect());
    const commands: string[][] = [];
    monitor.on("monitor", (_time: string, args: string[]) => void commands.push(args));

    const [one, two] = [member(), member()];
    await Promise.all([one.get("/api/v1/whoami"), two.get("/api/v1/whoami")]);
    const token = await one.getAccessToken();

    const reader = ioredis(new Redis(apart.url));
    const keys = await reader.keys("*");
    expect(keys).toEqual([expect.stringMatching(/^\{personify-auth:[\w-]{43}\}:token$/)]);
    const held = JSON.stringify([keys, await reader.mget(keys), commands]);
    // Also what is written in base64url or hexadecimal.
    const decoded = held.replace(/[\w-]{16,}/g, (part) =>
      ["base64url", "hex"].map((encoding) => Buffer.from(part, encoding as "hex").toString("latin1")).join(),
    );
    expect(commands.flat()).toContain(keys[0]?.replace("token", "lease"));
    for (const hidden of [
      token.value,
      ...token.value.split("."),
      credentials.clientId,
      credentials.clientSecret,
      emulator.credentials.tenantId,
      new URL(emulator.tokenUrl).host,
    ]) {
      expect(held).not.toContain(hidden);
      expect(decoded).not.toContain(hidden);
    }

    await reader.set(
      keys[0] ?? "",
      "9999999999999:v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA",
      "PX",
      minute,
    );
    expect((await member().getAccessToken()).value === token.value).toBe(false);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "store_failed", operation: "get", reason: "unreadable" }),
    );
  });
});
