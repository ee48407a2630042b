import { createHook } from "node:async_hooks";
import { execFile } from "node:child_process";
import { PerformanceObserver } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Dispatcher } from "undici";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";

const origin = "https://personify.example";
const path = "/api/v1/exhibitor/event/{eventId}";
const options = { path: { eventId: 4711 } };

/** Answers at once, so that all that a call costs is ours. Costs are counted: no clock is as steady as that. */
const dispatcher = {
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler) {
    const isToken = request.path === "/connect/token";
    const body = isToken ? { access_token: "a-token-4711", expires_in: 3600 } : [{ boothNumber: 7 }];
    const controller = { aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {} };
    handler.onRequestStart?.(controller, {});
    handler.onResponseStart?.(controller, 200, { "content-type": "application/json" }, "OK");
    handler.onResponseData?.(controller, Buffer.from(JSON.stringify(body)));
    handler.onResponseEnd?.(controller, {});
    return true;
  },
} as unknown as Dispatcher;

/** A client that has its token. */
async function warmClient(): Promise<PersonifyClient> {
  const client = createPersonifyClient({
    clientId: "portal",
    clientSecret: "s3cr3t-4711",
    tenantId: "t-1",
    apiBaseUrl: `${origin}/`,
    tokenUrl: `${origin}/connect/token`,
    dispatcher,
  });
  for (let call = 0; call < 50; call++) await client.get(path, options);
  return client;
}

/** How many promises `work` makes, in each of `times` runs. */
async function promisesOf(work: () => Promise<unknown>, times = 100): Promise<number> {
  let made = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === "PROMISE") made++;
    },
  });
  hook.enable();
  for (let run = 0; run < times; run++) await work();
  hook.disable();
  return made / times;
}

/** Bytes that `work` leaves on the heap before anything is freed, per run. */
async function bytesOf(work: () => Promise<unknown>, times = 100): Promise<number> {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  onTestFinished(() => observer.disconnect());
  for (let attempt = 0; attempt < 20; attempt++) {
    collections = 0;
    const before = process.memoryUsage().heapUsed;
    for (let run = 0; run < times; run++) await work();
    const after = process.memoryUsage().heapUsed;
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (collections === 0) return (after - before) / times;
  }
  throw new Error("The garbage collector came between each time");
}

/** How often a call makes each of these globals. */
async function madeBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const made: Record<string, number> = {};
  for (const name of ["URL", "AbortController", "Headers", "setTimeout"] as const) {
    const original = globalThis[name] as unknown as new () => object;
    const count = () => {
      made[name] = (made[name] ?? 0) + 1;
    };
    vi.stubGlobal(
      name,
      new Proxy(original, {
        construct(target, given, newTarget) {
          count();
          return Reflect.construct(target, given, newTarget);
        },
        // URL.parse
        get(target, member) {
          if (member === "parse") count();
          return Reflect.get(target, member);
        },
        apply(target, self, given) {
          count();
          return Reflect.apply(target as unknown as () => void, self, given);
        },
      }),
    );
  }
  try {
    await work();
  } finally {
    vi.unstubAllGlobals();
  }
  return made;
}

describe("get() with a token at hand", () => {
  test("makes no more than ten promises", async () => {
    const client = await warmClient();
    expect(await promisesOf(() => client.get(path, options))).toBeLessThan(10.5);
  });

  test("makes one timer, and no URL, AbortController or Headers", async () => {
    const client = await warmClient();
    expect(await madeBy(() => client.get(path, options))).toEqual({ setTimeout: 1 });
  });

  test("allocates no more than 12 kB", async () => {
    const client = await warmClient();
    expect(await bytesOf(() => client.get(path, options))).toBeLessThan(12_000);
  });
});

describe("getAccessToken() with a token at hand", () => {
  test("makes the promise that it returns, and the one that waits for it", async () => {
    const client = await warmClient();
    expect(await promisesOf(() => client.getAccessToken())).toBeLessThan(2.5);
  });

  test("allocates no more than 1 kB", async () => {
    const client = await warmClient();
    expect(await bytesOf(() => client.getAccessToken(), 1_000)).toBeLessThan(1_000);
  });
});

test("importing the package loads its own modules and undici, and no others", async () => {
  const index = fileURLToPath(new URL("./index.ts", import.meta.url));
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(index)});
    console.log(JSON.stringify(loaded));`;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--conditions=@personify-auth/source",
    "--input-type=module",
    "--eval",
    script,
  ]);
  const loaded = (JSON.parse(stdout) as string[]).filter((url) => !url.startsWith("node:"));
  const own = loaded.filter((url) => url.includes("/core/src/"));
  const undici = loaded.filter((url) => url.includes("/node_modules/undici/"));
  expect(loaded).toHaveLength(own.length + undici.length);
  expect(own.length).toBeLessThanOrEqual(40);
  expect(undici.length).toBeLessThanOrEqual(120);
});
