import { readFileSync } from "node:fs";
import {
  createPersonifyClient,
  isPersonifyError,
  memoryTokenStore,
  type PersonifyClientOptions,
  type PersonifyEvent,
} from "@personify-auth/core";
import type { Emulator, FaultDefinition } from "@personify-auth/emulator";
import { expect, onTestFinished, test, vi } from "vitest";
import { emulated } from "./everything.test.support.ts";
import { registerSdk } from "./sdk.test.support.ts";

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const types: ReadonlySet<string> = new Set(
  [...read("packages/core/src/events.ts").matchAll(/type: "(\w+)"/g)].map(([, type = ""]) => type),
);

/** Rows of the table of symptoms, each with the words of its cells. */
const rows = [
  ...read("docs/operations.md").matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm),
]
  .slice(2)
  .map(([, symptom = "", event = "", metric = ""]) => ({ symptom, event, metric }));
for (const [at, row] of rows.entries()) {
  if (row.metric === "the same") row.metric = rows[at - 1]?.metric ?? "";
}

interface Scene {
  readonly emulator: Emulator;
  /** Calls the API with the options changed, and keeps the status of the error that comes of it. */
  call(changed?: Partial<PersonifyClientOptions>, signal?: AbortSignal): Promise<void>;
  fault(...definitions: FaultDefinition[]): void;
  /** Resolves where an event has told of it. */
  told(type: PersonifyEvent["type"]): Promise<void>;
  client(changed?: Partial<PersonifyClientOptions>): ReturnType<typeof createPersonifyClient>;
}

const always = { times: Infinity };
const full = () => Promise.reject(new Error("full"));

/** How each symptom comes about. */
const scenes: Record<string, (scene: Scene) => Promise<unknown>> = {
  "every call fails with 502, at once": ({ call }) => call({ clientSecret: "a-wrong-secret-4711" }),
  "every call fails with 503": async ({ fault, call }) => {
    fault({ on: "token", kind: "status", status: 503, ...always });
    await call();
  },
  "every call fails with 502 or 504, slowly": async ({ fault, call, emulator }) => {
    fault({ on: "token", kind: "reset", ...always });
    await call();
    emulator.faults.clear();
    fault({ on: "token", kind: "stall", ...always });
    await call({ timeout: { token: 50 } });
  },
  "nothing yet, but soon": async ({ fault, client, told }) => {
    const held = client();
    await held.getAccessToken();
    // Late in the life of a token of an hour.
    const [wall, monotonic] = [Date.now(), performance.now()];
    vi.spyOn(Date, "now").mockReturnValue(wall + 3_100_000);
    vi.spyOn(performance, "now").mockReturnValue(monotonic + 3_100_000);
    onTestFinished(() => void vi.restoreAllMocks());
    fault({ on: "token", kind: "status", status: 400 });
    await held.getAccessToken();
    await told("token_refresh_failed");
  },
  "some calls fail with 502 or 503": async ({ fault, call }) => {
    for (const status of [403, 404, 429, 500, 503]) {
      fault({ on: "api", kind: "status", status });
      await call({ retry: false });
    }
  },
  "calls fail with 504": async ({ fault, call }) => {
    fault({ on: "api", kind: "stall" });
    await call({ timeout: { request: 50 } });
  },
  "calls end with `aborted`": async ({ fault, call }) => {
    fault({ on: "api", kind: "stall" });
    await call({}, AbortSignal.timeout(50));
  },
  "calls are slow now and then": async ({ fault, call }) => {
    fault({ on: "api", kind: "status", status: 503, retryAfter: 0 });
    await call();
  },
  "calls are slow each lifetime of a token": async ({ fault, call }) => {
    fault({ on: "token", kind: "latency", ms: 50 });
    await call();
  },
  "many token requests": async ({ client }) => {
    const held = client();
    for (let time = 0; time < 2; time++) await held.getAccessToken({ forceRefresh: true });
  },
  "401s, and calls that succeed all the same": async ({ fault, call }) => {
    fault({ on: "api", kind: "reject-token" });
    await call();
  },
  "calls fail with a 401 of the API": async ({ fault, client }) => {
    fault({ on: "api", kind: "reject-token", ...always });
    const held = client();
    for (let time = 0; time < 2; time++) {
      await expect(held.get("/api/v1/whoami")).rejects.toMatchObject({ response: { status: 401 } });
    }
  },
  "a fleet requests a token for each process": ({ call }) => call({ tokenStore: { get: full, set: full } }),
  "a new process requests no token": async ({ call }) => {
    const tokenStore = memoryTokenStore();
    await call({ tokenStore });
    await call({ tokenStore });
  },
};

test("docs/operations.md tells of each symptom that is brought about here", () => {
  expect(rows.map(({ symptom }) => symptom)).toEqual(Object.keys(scenes));
});

test.each(rows)("$symptom: its events and metrics are those that docs/operations.md names", async (row) => {
  const sdk = registerSdk();
  const { emulator, options } = await emulated();
  const events: PersonifyEvent[] = [];
  const statuses = new Set<number>();
  const client: Scene["client"] = (changed) => {
    const onEvent = (event: PersonifyEvent) => {
      events.push(event);
      options.onEvent?.(event);
    };
    return createPersonifyClient({ ...options, ...changed, onEvent });
  };
  await scenes[row.symptom]?.({
    emulator,
    client,
    fault: (...definitions) => definitions.forEach((each) => void emulator.faults.add(each)),
    told: (type) =>
      vi.waitFor(() => expect(events.map((event) => event.type)).toContain(type), { timeout: 15_000 }),
    async call(changed, signal) {
      const outcome = client(changed).get("/api/v1/whoami", { path: {}, signal });
      await outcome.catch((error: unknown) => isPersonifyError(error) && statuses.add(error.status));
    },
  });

  for (const name of namesIn(row.event)) expect(events).toSatisfy(() => events.some(tells(name)), name);
  const [, named = ""] = /fails? with ([\d or]+)/.exec(row.symptom) ?? [];
  expect([...statuses].sort()).toEqual((named.match(/\d+/g) ?? []).map(Number));
  const lines = (await sdk.exposition()).split("\n");
  const metrics = namesIn(row.metric).filter((name) => name.startsWith("personify_"));
  expect(metrics.length).toBeGreaterThan(0);
  for (const metric of metrics.filter((name) => !name.includes("="))) {
    const label = metrics.find((name) => name.includes("=")) ?? "";
    expect(lines.some((line) => line.startsWith(metric) && line.includes(label))).toBe(true);
  }
});

function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** Whether an event is what a name in the table stands for: a type, a code, a field, or a field with its value. */
function tells(name: string): (event: PersonifyEvent) => boolean {
  const [field = "", value] = name.split(": ");
  return (event) => {
    if (types.has(name)) return event.type === name;
    const fields: Readonly<Record<string, unknown>> = { ...event };
    if (value !== undefined) return String(fields[field]) === value;
    return fields[field] !== undefined || fields["code"] === name;
  };
}
