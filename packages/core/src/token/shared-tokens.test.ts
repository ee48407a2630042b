import { beforeEach, describe, expect, test, vi } from "vitest";
import type { PersonifyEvent } from "../events.ts";
import { processClock, wallClock } from "./access-token.ts";
import { createSeal } from "./seal.ts";
import { createSharedTokens, type SharedToken } from "./shared-tokens.ts";
import { createStoreFailures } from "./store-failures.ts";
import {
  drain,
  endpoint,
  epoch,
  granted,
  pass,
  refused,
  response,
  rightSecret,
  sealFor,
  settle,
  setUp,
  setUpHolding,
  stateOf,
  stepWallClock,
  stopClocks,
  timeout,
  tokenValue,
} from "./token-source.test.support.ts";
import { memoryTokenStore, type StoredToken, type TokenStore } from "./token-store.ts";

const hour = 3_600_000;

beforeEach(() => {
  vi.restoreAllMocks();
  stopClocks();
});

const never = () => new Promise<never>(() => {});

const token: SharedToken = {
  value: "access-token-1",
  scope: "idp_api",
  sentAt: epoch,
  lifetime: hour,
};

/** A store whose operations the test replaces one by one; the rest are those of a memory store. */
function storeWith(changes: Partial<TokenStore>): TokenStore {
  return { ...memoryTokenStore(), ...changes };
}

const breakages: [name: string, fail: () => Promise<never>, reason: string][] = [
  [
    "throws",
    () => {
      throw new Error("store down");
    },
    "error",
  ],
  ["rejects", () => Promise.reject(new Error("store down")), "error"],
  ["hangs", never, "timeout"],
];

/** Whatever a store may return in place of a token. */
const rubbish: [name: string, value: unknown][] = [
  ["a number", 42],
  ["a string", "v1.abc.def"],
  ["true", true],
  ["a symbol", Symbol("x")],
  ["a function", () => "x"],
  ["an array", []],
  ["an empty object", {}],
  ["sealed: null", { sealed: null, expiresAt: epoch + hour }],
  ["sealed: a number", { sealed: 7, expiresAt: epoch + hour }],
  ["sealed: an object", { sealed: { length: 1 }, expiresAt: epoch + hour }],
  ["an empty text", { sealed: "", expiresAt: epoch + hour }],
  ["two dots", { sealed: "..", expiresAt: epoch + hour }],
  ["no nonce", { sealed: "v1..", expiresAt: epoch + hour }],
  ["no base64", { sealed: "v1.%%%.***", expiresAt: epoch + hour }],
  ["a wrong version", { sealed: "v9.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA", expiresAt: epoch + hour }],
  ["a made-up text", { sealed: `v1.AAAAAAAAAAAAAAAA.${"A".repeat(200)}`, expiresAt: epoch + hour }],
  ["plain JSON", { sealed: JSON.stringify(token), expiresAt: epoch + hour }],
  ["over 2 MiB", { sealed: `v1.AAAAAAAAAAAAAAAA.${"A".repeat(2_097_152)}`, expiresAt: epoch + hour }],
  [
    "a getter that throws",
    {
      get sealed() {
        throw new Error("store down");
      },
    },
  ],
];

async function share(store: TokenStore, secret = rightSecret) {
  const events: PersonifyEvent[] = [];
  const seal = await sealFor(secret);
  const reportFailure = createStoreFailures(processClock, (event) => events.push(event));
  return { shared: createSharedTokens(store, seal, reportFailure), events, seal };
}

describe("shared tokens", () => {
  test("what one writes, another with the same credentials reads", async () => {
    const store = memoryTokenStore();
    const writer = await share(store);
    await writer.shared.write(token);
    const reader = await share(store);
    expect(await reader.shared.read()).toEqual(token);
    expect([...writer.events, ...reader.events]).toEqual([]);
  });

  test("an empty store has none, without an event", async () => {
    const { shared, events } = await share(memoryTokenStore());
    expect(await shared.read()).toBeUndefined();
    expect(events).toEqual([]);
  });

  test("the store is given the end of the token's life, never later", async () => {
    const set = vi.fn(async () => {});
    const { shared, seal } = await share(storeWith({ set }));
    await shared.write(token);
    expect(set).toHaveBeenCalledWith(
      seal.keyId,
      { sealed: expect.stringMatching(/^v1\./), expiresAt: epoch + hour },
      { signal: expect.any(AbortSignal) },
    );
  });

  test("each operation is given a signal that aborts as its 250 ms end", async () => {
    const signals: AbortSignal[] = [];
    const get: TokenStore["get"] = (_key, { signal }) => {
      signals.push(signal);
      return never();
    };
    const { shared } = await share(storeWith({ get }));
    const reading = shared.read();
    await pass(249);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    expect(await stateOf(reading)).toBe("pending");
    await pass(1);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(await reading).toBeUndefined();
  });

  test("no timer is left once an operation has ended", async () => {
    const { shared } = await share(memoryTokenStore());
    await shared.write(token);
    await shared.read();
    const lease = await shared.lease(5_000);
    await lease?.release();
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(breakages)("a get that %s reads as nothing, with an event", async (_name, get, reason) => {
    const { shared, events, seal } = await share(storeWith({ get }));
    const reading = shared.read();
    await pass(250);
    expect(await reading).toBeUndefined();
    expect(events).toEqual([{ type: "store_failed", keyId: seal.keyId, operation: "get", reason }]);
  });

  test.each(breakages)("a set that %s is an event and nothing else", async (_name, fail, reason) => {
    const set = vi.fn(fail);
    const { shared, events, seal } = await share(storeWith({ set }));
    const writing = shared.write(token);
    await drain();
    expect(set).toHaveBeenCalledTimes(1);
    await pass(250);
    await writing;
    expect(events).toEqual([{ type: "store_failed", keyId: seal.keyId, operation: "set", reason }]);
  });

  test.each(breakages)("a lease that %s is granted, with an event", async (_name, lease, reason) => {
    const { shared, events, seal } = await share(storeWith({ lease }));
    const leasing = shared.lease(5_000);
    await pass(250);
    const given = await leasing;
    expect(given).toBeDefined();
    await given?.release();
    expect(events).toEqual([{ type: "store_failed", keyId: seal.keyId, operation: "lease", reason }]);
  });

  test.each(breakages)("a release that %s is an event and nothing else", async (_name, release, reason) => {
    const { shared, events, seal } = await share(storeWith({ lease: async () => ({ release }) }));
    const given = await shared.lease(5_000);
    const releasing = given?.release();
    await pass(250);
    await releasing;
    expect(events).toEqual([{ type: "store_failed", keyId: seal.keyId, operation: "release", reason }]);
  });

  test("a store without leases grants each one", async () => {
    const { get, set } = memoryTokenStore();
    const { shared, events } = await share({ get, set });
    expect(await shared.lease(5_000)).toBeDefined();
    expect(await shared.lease(5_000)).toBeDefined();
    expect(events).toEqual([]);
  });

  test("a lease that another has is undefined, without an event", async () => {
    const store = memoryTokenStore();
    const first = await share(store);
    const second = await share(store);
    const lease = await first.shared.lease(5_000);
    expect(await second.shared.lease(5_000)).toBeUndefined();
    await lease?.release();
    expect(await second.shared.lease(5_000)).toBeDefined();
    expect(second.events).toEqual([]);
  });

  test("a store that answers without promises, which JavaScript does not forbid, works", async () => {
    const stored = { sealed: await (await sealFor(rightSecret)).seal(JSON.stringify(token)), expiresAt: 1 };
    const release = vi.fn(() => 1);
    const synchronous = { get: () => stored, set: () => undefined, lease: () => ({ release }) };
    const { shared, events } = await share(synchronous as unknown as TokenStore);
    expect(await shared.read()).toEqual(token);
    await shared.write(token);
    await (await shared.lease(5_000))?.release();
    expect(release).toHaveBeenCalledTimes(1);
    expect(events).toEqual([]);
  });

  test("a store's methods keep their this", async () => {
    class OwnStore implements TokenStore {
      readonly #inner = memoryTokenStore();
      get: TokenStore["get"] = (...given) => this.#inner.get(...given);
      async set(...given: Parameters<TokenStore["set"]>) {
        await this.#inner.set(...given);
      }
      async lease(...given: Parameters<NonNullable<TokenStore["lease"]>>) {
        return this.#inner.lease?.(...given);
      }
    }
    const { shared, events } = await share(new OwnStore());
    const lease = await shared.lease(5_000);
    await shared.write(token);
    await lease?.release();
    expect(await shared.read()).toEqual(token);
    expect(events).toEqual([]);
  });

  test.each(rubbish)("%s in place of a token is a miss, with an event", async (_name, value) => {
    const { shared, events, seal } = await share(storeWith({ get: async () => value as StoredToken }));
    expect(await shared.read()).toBeUndefined();
    expect(events).toEqual([
      { type: "store_failed", keyId: seal.keyId, operation: "get", reason: "unreadable" },
    ]);
  });

  test("null in place of a token is a miss like undefined", async () => {
    const get = async () => null as unknown as undefined;
    const { shared, events } = await share(storeWith({ get }));
    expect(await shared.read()).toBeUndefined();
    expect(events).toEqual([]);
  });

  test("a token that was sealed under other credentials is a miss, with an event", async () => {
    const sealed = await (await sealFor("other-secret")).seal(JSON.stringify(token));
    const get = async () => ({ sealed, expiresAt: epoch + hour });
    const { shared, events } = await share(storeWith({ get }));
    expect(await shared.read()).toBeUndefined();
    expect(events).toMatchObject([{ operation: "get", reason: "unreadable" }]);
  });

  test("a sealed text of more than 2 MiB is not even opened", async () => {
    const seal = { ...(await sealFor(rightSecret)), unseal: vi.fn(async () => JSON.stringify(token)) };
    const stored = { sealed: "x".repeat(2_097_153), expiresAt: epoch + hour };
    const shared = createSharedTokens(storeWith({ get: async () => stored }), seal, () => {});
    expect(await shared.read()).toBeUndefined();
    expect(seal.unseal).not.toHaveBeenCalled();
  });

  test("neither keys nor values reveal the secret, the token or the client id", async () => {
    const seen: unknown[] = [];
    const get: TokenStore["get"] = async (...given) => {
      seen.push(given);
      return undefined;
    };
    const set: TokenStore["set"] = async (...given) => void seen.push(given);
    const lease: TokenStore["lease"] = async (...given) => {
      seen.push(given);
      return { release: async () => {} };
    };
    const description = JSON.stringify([endpoint.tokenUrl.href, endpoint.clientId]);
    const createOwnSeal = (secret: string) => createSeal(secret, description);
    const { ask, server } = setUp({ store: { get, set, lease }, createSeal: createOwnSeal });
    server.reply = () => granted("tell-tale-token");
    await ask();
    expect(seen.length).toBeGreaterThanOrEqual(4);
    const text = JSON.stringify(seen);
    const bytes = text.replace(/[\w-]{20,}/g, (part) => Buffer.from(part, "base64url").toString("latin1"));
    for (const hidden of [rightSecret, "tell-tale-token", endpoint.clientId, "auth.example"]) {
      expect(text).not.toContain(hidden);
      expect(bytes).not.toContain(hidden);
    }
  });
});

describe("a token source with a store", () => {
  /** Hangs, and lets the time pass that an operation is given. */
  const hangs = () => {
    void vi.advanceTimersByTimeAsync(250);
    return never();
  };
  const failures = breakages.map(
    ([name, fail, reason]) => [name, name === "hangs" ? hangs : fail, reason] as const,
  );
  const operations = ["get", "set", "lease", "release"] as const;

  describe.each(operations)("whose %s fails", (operation) => {
    test.each(failures)("the call works where it %s, and memory serves", async (_name, fail, reason) => {
      const changes: Partial<TokenStore> =
        operation === "release" ? { lease: async () => ({ release: fail }) } : { [operation]: fail };
      const { ask, server, current, eventsOf } = setUp({ store: storeWith(changes) });
      server.reply = () => granted("access-token-1");
      expect(await tokenValue(ask())).toBe("access-token-1");
      const failed = eventsOf("store_failed");
      expect(failed.length).toBeGreaterThan(0);
      expect(failed.every((event) => event.operation === operation && event.reason === reason)).toBe(true);
      expect(current().value).toBe("access-token-1");
      expect(server.requests).toHaveLength(1);
    });
  });

  test.each(rubbish)("the call works where it returns %s", async (_name, value) => {
    const { ask, server, eventsOf } = setUp({ store: storeWith({ get: async () => value as StoredToken }) });
    server.reply = () => granted("access-token-1");
    expect(await tokenValue(ask())).toBe("access-token-1");
    expect(eventsOf("store_failed")[0]).toMatchObject({ operation: "get", reason: "unreadable" });
  });

  test.each([
    ["a number", 5],
    ["an object without release", {}],
    ["true", true],
  ])("the call works where its lease is %s", async (_name, given) => {
    const lease = async () => given as unknown as { release(): Promise<void> };
    const { ask, server, eventsOf } = setUp({ store: storeWith({ lease }) });
    server.reply = () => granted("access-token-1");
    expect(await tokenValue(ask())).toBe("access-token-1");
    expect(eventsOf("store_failed")).toMatchObject([{ operation: "release", reason: "error" }]);
  });

  test("the call works where all of it hangs", async () => {
    const { ask, server } = setUp({ store: { get: hangs, set: hangs, lease: hangs } });
    server.reply = () => granted("access-token-1");
    expect(await tokenValue(ask())).toBe("access-token-1");
  });

  test("a store that hangs costs an acquisition 250 ms, once", async () => {
    const store = { get: vi.fn(never), set: vi.fn(never), lease: vi.fn(never) };
    const { ask, server, eventsOf } = setUp({ store });
    server.reply = () => granted("access-token-1");
    const asked = ask();
    await pass(250);
    expect(await tokenValue(asked)).toBe("access-token-1");
    expect([store.get, store.lease, store.set].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
    expect(eventsOf("store_failed")).toMatchObject([{ operation: "get", reason: "timeout" }]);
  });

  test("a held token is served without asking the store", async () => {
    const store = memoryTokenStore();
    const get = vi.fn(store.get);
    const { current } = await setUpHolding(3_600, { store: { ...store, get } });
    const before = get.mock.calls.length;
    for (let call = 0; call < 10; call++) current();
    await drain();
    expect(get.mock.calls.length).toBe(before);
  });

  test("a broken store is told of once in 60 s, however many calls it fails", async () => {
    const get = async () => {
      throw Object.assign(new Error("down"), { advice: "The store is down; start it" });
    };
    const { ask, server, eventsOf } = setUp({ store: storeWith({ get }) });
    server.reply = (count) => granted(`access-token-${count}`);
    await ask();
    await pass(59_999);
    await ask({ forceRefresh: true });
    expect(eventsOf("store_failed")).toMatchObject([{ advice: "The store is down; start it" }]);
    await pass(1);
    await ask({ forceRefresh: true });
    expect(eventsOf("store_failed")).toHaveLength(2);
  });

  test("a store that broke later does not matter while a token is held", async () => {
    let broken = false;
    const inner = memoryTokenStore();
    const get: TokenStore["get"] = (...given) =>
      broken ? Promise.reject(new Error("down")) : inner.get(...given);
    const { server, current } = await setUpHolding(3_600, { store: { ...inner, get } });
    broken = true;
    await pass(hour * 0.9);
    server.reply = () => granted("access-token-2");
    expect(current().value).toBe("access-token-1");
    await drain();
    expect(current().value).toBe("access-token-2");
  });

  /** Two sources with the same credentials, as two processes that share a store. */
  function setUpPair(store: TokenStore = memoryTokenStore()) {
    return { store, one: setUp({ store }), two: setUp({ store }) };
  }

  test("two sources that start together send one token request", async () => {
    const { one, two } = setUpPair();
    const calls = [one.ask(), two.ask()];
    await drain();
    expect(one.server.requests.length + two.server.requests.length).toBe(1);
    await pass(1_000);
    expect(one.server.requests.length + two.server.requests.length).toBe(1);
    await one.server.request(1).end(granted("access-token-1"));
    expect(await settle(Promise.all(calls.map(tokenValue)))).toEqual(["access-token-1", "access-token-1"]);
    expect(two.server.requests).toHaveLength(0);
    expect(two.eventsOf("token_shared")).toHaveLength(1);
    expect(two.events.filter(({ type }) => type !== "token_shared")).toEqual([]);
  });

  test("20 sources that start together send one token request", async () => {
    const store = memoryTokenStore();
    const fleet = Array.from({ length: 20 }, () => setUp({ store }));
    const calls = fleet.map(({ ask, server }) => {
      server.reply = () => granted("access-token-1");
      return tokenValue(ask());
    });
    expect(new Set(await settle(Promise.all(calls)))).toEqual(new Set(["access-token-1"]));
    expect(fleet.flatMap(({ server }) => server.requests)).toHaveLength(1);
  });

  test("a shared token keeps its own end, scope and type", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1", 3_600, { scope: "narrow" });
    const first = await one.ask();
    await pass(hour / 2);
    const second = await two.ask();
    expect(second).not.toBe(first);
    expect([second.value, second.type, second.scope, second.expiresAt]).toEqual([
      "access-token-1",
      "Bearer",
      "narrow",
      epoch + hour,
    ]);
    await pass(hour / 2 - 5_001);
    expect(two.current().value).toBe("access-token-1");
    await drain();
    await two.server.request(1).end(response(404, ""));
    await pass(1);
    expect(await stateOf(two.ask())).toBe("pending");
  });

  test("an expired token in the store is ignored", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    await one.ask();
    await pass(hour - 5_000);
    expect(await tokenValue(two.ask())).toBe("access-token-2");
  });

  test("one whose end was put off in the store is as old as it was sealed to be", async () => {
    const inner = memoryTokenStore();
    const get: TokenStore["get"] = async (...given) => {
      const stored = await inner.get(...given);
      return stored && { ...stored, expiresAt: Number.MAX_SAFE_INTEGER };
    };
    const { one, two } = setUpPair({ ...inner, get });
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    await one.ask();
    await pass(hour - 5_000);
    expect(await tokenValue(two.ask())).toBe("access-token-2");
  });

  test("a token in the store goes by the wall clock alone", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    await one.ask();
    stepWallClock(hour);
    expect(await tokenValue(two.ask())).toBe("access-token-2");
  });

  test("a stored token that was requested in the future is ignored: the clock that tells its end is wrong", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    stepWallClock(60_001);
    await one.ask();
    stepWallClock(-60_001);
    expect(await tokenValue(two.ask())).toBe("access-token-2");
  });

  test("one from a clock that is a minute ahead is as good as any", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    stepWallClock(60_000);
    await one.ask();
    stepWallClock(-60_000);
    expect(await tokenValue(two.ask())).toBe("access-token-1");
  });

  test("a token that was invalidated does not come back once a newer, shorter one was invalidated too", async () => {
    const { ask, source, server } = setUp({ store: memoryTokenStore() });
    server.reply = (count) => granted(`access-token-${count}`, count === 1 ? 3_600 : 300);
    await ask();
    source.invalidate();
    await pass(1);
    await ask();
    source.invalidate();
    expect(await tokenValue(ask())).toBe("access-token-3");
  });

  test("one that was rejected does not take the place of a shorter one that is good", async () => {
    const { ask, current, server } = setUp({ store: memoryTokenStore() });
    server.reply = (count) => granted(`access-token-${count}`, count === 1 ? 3_600 : 60);
    const first = await ask();
    await pass(1);
    const second = await ask({ rejected: first });
    await pass(5_000);
    await ask({ rejected: second });
    expect(current().value).toBe("access-token-3");
    await pass(52_000);
    current();
    await drain();
    expect(current().value).toBe("access-token-4");
  });

  test("sources with another secret share nothing", async () => {
    const store = memoryTokenStore();
    const one = setUp({ store });
    const other = setUp({ store, clientSecret: "other-secret" });
    one.server.reply = () => granted("access-token-1");
    other.server.reply = () => granted("access-token-2");
    expect([await tokenValue(one.ask()), await tokenValue(other.ask())]).toEqual([
      "access-token-1",
      "access-token-2",
    ]);
  });

  test("a stored token that equals the rejected one is a miss, and what replaces it is shared", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2", 3_601);
    const first = await one.ask();
    const second = await two.ask();
    expect(second.value).toBe("access-token-1");
    expect(await tokenValue(two.ask({ rejected: second }))).toBe("access-token-2");
    expect(await tokenValue(one.ask({ rejected: first }))).toBe("access-token-2");
    expect([one.server.requests.length, two.server.requests.length]).toEqual([1, 1]);
  });

  test("one from the store in place of a rejected one does not pause renewals: it may have been rejected with it", async () => {
    const { one, two } = setUpPair();
    two.server.reply = (count) => granted(`access-token-of-two-${count}`);
    one.server.reply = () => granted("access-token-of-one");
    const first = await two.ask();
    await pass(1_000);
    await one.ask({ forceRefresh: true });
    const second = await two.ask({ rejected: first });
    expect(second.value).toBe("access-token-of-one");
    expect(await tokenValue(two.ask({ rejected: second }))).toBe("access-token-of-two-2");
  });

  describe("while renewing is paused, as the renewed token was rejected too", () => {
    async function setUpPaused() {
      const pair = setUpPair();
      pair.one.server.reply = (count) => granted(`access-token-of-one-${count}`);
      pair.two.server.reply = (count) => granted(`access-token-of-two-${count}`, 20);
      const first = await pair.one.ask();
      await pass(1_000);
      const renewed = await pair.one.ask({ rejected: first });
      return { ...pair, renewed };
    }

    test("what another member has renewed since then is taken, at once", async () => {
      const { one, two, renewed } = await setUpPaused();
      const shared = await two.ask();
      await pass(1);
      const newer = await two.ask({ rejected: shared });
      const taken = await one.ask({ rejected: renewed });
      expect([newer.value, taken.value]).toEqual(["access-token-of-two-1", "access-token-of-two-1"]);
      expect(one.current().value).toBe("access-token-of-two-1");
      expect(one.server.requests).toHaveLength(2);
    });

    test("where no other has, the store is looked at, and nothing is requested", async () => {
      const { one, renewed } = await setUpPaused();
      expect(await one.ask({ rejected: renewed })).toBe(renewed);
      expect(one.server.requests).toHaveLength(2);
    });

    test("one look serves all who ask meanwhile, and whoever asks later looks again", async () => {
      const store = memoryTokenStore();
      const get = vi.fn(store.get);
      const { ask, server } = setUp({ store: { ...store, get } });
      server.reply = (count) => granted(`access-token-${count}`);
      const renewed = await ask({ rejected: await ask() });
      get.mockClear();
      const askAll = () => Promise.all(Array.from({ length: 20 }, () => ask({ rejected: renewed })));
      expect(new Set(await askAll())).toEqual(new Set([renewed]));
      expect(get).toHaveBeenCalledTimes(1);
      await askAll();
      expect(get).toHaveBeenCalledTimes(2);
    });

    test("a token that was invalidated while the store was looked at is held no more", async () => {
      const { one, two, renewed } = await setUpPaused();
      await pass(1);
      await two.ask({ forceRefresh: true });
      const call = one.ask({ rejected: renewed });
      one.source.invalidate();
      await call;
      expect(() => one.current()).toThrow();
    });

    test("a waiter's abort rejects it at once, while the store hangs", async () => {
      const store = memoryTokenStore();
      const get = vi.fn(store.get);
      const { ask, server } = setUp({ store: { ...store, get } });
      server.reply = (count) => granted(`access-token-${count}`);
      const renewed = await ask({ rejected: await ask() });
      get.mockImplementation(never);
      const controller = new AbortController();
      const call = ask({ rejected: renewed, signal: controller.signal });
      const reason = new Error("the user left");
      controller.abort(reason);
      expect(await stateOf(call)).toEqual({ reason });
    });
  });

  test("what replaces a rejected token is shared, though the rejected one would have expired later", async () => {
    const { one, two } = setUpPair();
    one.server.reply = (count) => granted(`access-token-${count}`, count === 1 ? 3_600 : 600);
    const first = await one.ask();
    await pass(1_000);
    expect((await one.ask({ rejected: first })).value).toBe("access-token-2");
    expect(await tokenValue(two.ask())).toBe("access-token-2");
    expect(two.server.requests).toHaveLength(0);
  });

  test("so is what replaces one from a clock that was wrong", async () => {
    const store = memoryTokenStore();
    const [ahead, one, later] = [setUp({ store }), setUp({ store }), setUp({ store })];
    for (const { server } of [ahead, one, later]) server.reply = () => granted("access-token-1");
    stepWallClock(2 * hour);
    await ahead.ask();
    stepWallClock(-2 * hour);
    await one.ask();
    await later.ask();
    expect([ahead, one, later].map(({ server }) => server.requests.length)).toEqual([1, 1, 0]);
  });

  test.each([
    ["rubbish", "v1.rub.bish"],
    ["what is too large to be opened", "x".repeat(2_097_153)],
  ])("so is what replaces %s that lasts for ever", async (_name, sealed) => {
    const store = memoryTokenStore();
    const { seal } = await share(store);
    const signal = AbortSignal.timeout(hour);
    await store.set(seal.keyId, { sealed, expiresAt: Number.MAX_SAFE_INTEGER }, { signal });
    const [one, later] = [setUp({ store }), setUp({ store })];
    for (const { server } of [one, later]) server.reply = () => granted("access-token-1");
    await one.ask();
    await later.ask();
    expect([one, later].map(({ server }) => server.requests.length)).toEqual([1, 0]);
  });

  test("a stored token that is older than the rejected one is a miss", async () => {
    const { ask, server } = setUp({ store: memoryTokenStore() });
    // The store keeps the later expiry, so the first.
    server.reply = (count) => granted(`access-token-${count}`, count === 1 ? 3_600 : 60);
    await ask();
    await pass(1_000);
    const second = await ask({ forceRefresh: true });
    expect(second.value).toBe("access-token-2");
    expect(await tokenValue(ask({ rejected: second }))).toBe("access-token-3");
  });

  test("a stored token that equals the invalidated one is a miss", async () => {
    const { source, ask, server } = setUp({ store: memoryTokenStore() });
    server.reply = (count) => granted(`access-token-${count}`);
    await ask();
    source.invalidate();
    expect(await tokenValue(ask())).toBe("access-token-2");
  });

  test("a token that was invalidated while it was requested is not taken back from the store", async () => {
    const { source, ask, server } = setUp({ store: memoryTokenStore() });
    const call = ask();
    await drain();
    source.invalidate();
    server.reply = (count) => granted(`access-token-${count}`);
    await server.request(1).end(granted("access-token-1"));
    expect(await tokenValue(call)).toBe("access-token-2");
  });

  test("a forced refresh does not take the current token back from the store", async () => {
    const { ask, server } = setUp({ store: memoryTokenStore() });
    server.reply = (count) => granted(`access-token-${count}`);
    await ask();
    expect(await tokenValue(ask({ forceRefresh: true }))).toBe("access-token-2");
  });

  test("a request of a Worker that waited for the lease is not sent once another's was refused", async () => {
    const { ask, server } = setUp({ store: memoryTokenStore(), confined: true, clock: wallClock });
    server.reply = () => refused();
    const calls = [ask(), ask(), ask()];
    for (const call of calls) await expect(settle(call)).rejects.toMatchObject({ error: "invalid_client" });
    expect(server.requests).toHaveLength(1);
  });

  test("a first query that forces a refresh takes nothing older from the store", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    await one.ask();
    await pass(1);
    expect(await tokenValue(two.ask({ forceRefresh: true }))).toBe("access-token-2");
  });

  test("once a forced refresh is done, a stored token is welcome again", async () => {
    const { one, two } = setUpPair();
    two.server.reply = () => granted("access-token-2", 60);
    await two.ask({ forceRefresh: true });
    stepWallClock(-1_000);
    one.server.reply = () => granted("access-token-1");
    await one.ask({ rejected: await one.ask() });
    await pass(60_000);
    expect(await tokenValue(two.ask())).toBe("access-token-1");
    expect(two.server.requests).toHaveLength(1);
  });

  test("one member's refresh ahead of expiry serves the others, each of which looks once", async () => {
    const { one, two } = setUpPair();
    one.server.reply = (count) => granted(`access-token-${count}`);
    await one.ask();
    await two.ask();
    await pass(hour * 0.9);
    one.current();
    await drain();
    expect(one.current().value).toBe("access-token-2");
    expect(two.current().value).toBe("access-token-1");
    await drain();
    expect(two.current().value).toBe("access-token-2");
    expect([one.server.requests.length, two.server.requests.length]).toEqual([2, 0]);
  });

  test("a token without a life is not stored", async () => {
    const set = vi.fn(async () => {});
    const { ask, server } = setUp({ store: storeWith({ set }) });
    server.reply = () => granted("access-token-1", 0);
    expect(await tokenValue(ask())).toBe("access-token-1");
    expect(set).not.toHaveBeenCalled();
  });

  test("a holder that dies loses its lease, and those who wait fetch within their time", async () => {
    const { store, two } = setUpPair();
    const { keyId } = await sealFor(rightSecret);
    const { signal } = new AbortController();
    await store.lease?.(keyId, { ttl: timeout / 2, signal });
    two.server.reply = () => granted("access-token-2");
    const call = two.ask();
    await pass(timeout / 2 - 1);
    expect(await stateOf(call)).toBe("pending");
    expect(two.server.requests).toHaveLength(0);
    await pass(1_000);
    expect(await tokenValue(call)).toBe("access-token-2");
  });

  test("where a holder died, one of those who waited takes its place, and the others wait on", async () => {
    const store = memoryTokenStore();
    const fleet = Array.from({ length: 20 }, () => setUp({ store }));
    const calls = fleet.map(({ ask }) => ask());
    await pass(timeout / 2 + 1_000);
    const requests = fleet.flatMap(({ server }) => server.requests);
    // That of the holder, from which nothing came for as long as its lease lasts, and its successor's.
    expect(requests).toHaveLength(2);
    await requests[1]?.end(granted("access-token-1"));
    await pass(1_000);
    await requests[0]?.end(granted("access-token-2"));
    expect(await Promise.all(calls.map(tokenValue))).toHaveLength(20);
    expect(fleet.flatMap(({ server }) => server.requests)).toHaveLength(2);
  });

  test("a lease that is never to be had holds nobody up beyond two thirds of timeout.token", async () => {
    const { ask, server } = setUp({ store: storeWith({ lease: async () => undefined }) });
    server.reply = () => granted("access-token-1");
    const call = ask();
    await pass((2 / 3) * timeout - 1);
    expect(server.requests).toHaveLength(0);
    await pass(1_000);
    expect(await tokenValue(call)).toBe("access-token-1");
  });

  test("a lease that is never to be had leaves time to fetch, also after a secret that came late", async () => {
    const clientSecret = () =>
      new Promise<string>((resolve) => setTimeout(() => resolve(rightSecret), 6_000));
    const { ask, server } = setUp({ clientSecret, store: storeWith({ lease: async () => undefined }) });
    server.reply = () => granted("access-token-1");
    expect(await tokenValue(settle(ask()))).toBe("access-token-1");
  });

  test("a lease is asked for half of timeout.token", async () => {
    const ttls: number[] = [];
    const lease: TokenStore["lease"] = async (_key, { ttl }) => {
      ttls.push(ttl);
      return { release: async () => {} };
    };
    const { ask, server } = setUp({ store: storeWith({ lease }) });
    server.reply = () => granted("access-token-1");
    await ask();
    expect(ttls).toEqual([timeout / 2]);
  });

  test("a request that fails gives its lease back, and the next source tries at once", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => refused();
    two.server.reply = () => granted("access-token-2");
    await expect(one.ask()).rejects.toMatchObject({ error: "invalid_client" });
    expect(await tokenValue(two.ask())).toBe("access-token-2");
    expect(performance.now()).toBe(0);
  });

  test("a token that was stored between the reading and the lease is used", async () => {
    const inner = memoryTokenStore();
    const writer = await share(inner);
    const lease: TokenStore["lease"] = async (...given) => {
      await writer.shared.write(token);
      return inner.lease?.(...given);
    };
    const { ask, server } = setUp({ store: { ...inner, lease } });
    expect(await tokenValue(ask())).toBe("access-token-1");
    expect(server.requests).toHaveLength(0);
  });

  test("a store without leases is read and written", async () => {
    const { get, set } = memoryTokenStore();
    const { one, two } = setUpPair({ get, set });
    one.server.reply = () => granted("access-token-1");
    expect([await tokenValue(one.ask()), await tokenValue(two.ask())]).toEqual([
      "access-token-1",
      "access-token-1",
    ]);
    expect(two.server.requests).toHaveLength(0);
  });

  test("a waiter's abort while another source has the lease rejects it at once", async () => {
    const { ask } = setUp({ store: storeWith({ lease: async () => undefined }) });
    const controller = new AbortController();
    const call = ask({ signal: controller.signal });
    await pass(1_000);
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await stateOf(call)).toEqual({ reason });
  });

  test("a stale token in the store that others hold already is not taken for a new one", async () => {
    const { one, two } = setUpPair();
    one.server.reply = () => granted("access-token-1");
    two.server.reply = () => granted("access-token-2");
    await one.ask();
    await two.ask();
    await pass(hour * 0.9);
    expect(two.current().value).toBe("access-token-1");
    await drain();
    expect(two.current().value).toBe("access-token-2");
    expect(two.eventsOf("token_shared")).toHaveLength(1);
  });
});
