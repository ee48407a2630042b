import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { startProgram } from "./program.test.support.ts";
import { repository } from "./site-paths.ts";

const page = "docs/migration.md";

interface Stage {
  readonly emulator: Emulator;
  /** Asks for the exhibitors of an event, as a tenant: both real where they are not given. */
  ask(request?: { event?: string; tenantId?: string | undefined }): Promise<{ status: number; text: string }>;
}

/** A row of the page's table: what it says comes of it, before and after. */
interface Scene {
  readonly row: string;
  readonly settings?: Record<string, string>;
  readonly play: (stage: Stage) => Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
}

const tokenRequests = ({ emulator }: Stage) => emulator.requests({ kind: "token" }).length;

const scenes: readonly Scene[] = [
  {
    row: "50 requests come before there is a token",
    async play(stage) {
      // Long enough for all of them to come, however busy the machine is.
      stage.emulator.faults.add({ on: "token", kind: "latency", ms: 3_000, times: 50 });
      await Promise.all(Array.from({ length: 50 }, () => stage.ask()));
      return tokenRequests(stage);
    },
    before: 50,
    after: 1,
  },
  {
    row: "the API rejects the token early",
    async play(stage) {
      const statuses = [(await stage.ask()).status];
      stage.emulator.tokens.revoke();
      for (const _ of [1, 2]) statuses.push((await stage.ask()).status);
      return [...statuses, tokenRequests(stage)];
    },
    before: [200, 500, 500, 1],
    after: [200, 200, 200, 2],
  },
  {
    row: "the secret is wrong",
    settings: { PERSONIFY_CLIENT_SECRET: "not-the-secret-1" },
    async play(stage) {
      const statuses = [];
      for (const _ of [1, 2, 3]) statuses.push((await stage.ask()).status);
      return [...statuses, tokenRequests(stage)];
    },
    before: [500, 500, 500, 3],
    after: [502, 502, 502, 1],
  },
  {
    row: "the API is down for a moment",
    async play({ emulator, ask }) {
      emulator.faults.add({ on: "api", kind: "status", status: 503 });
      return (await ask()).status;
    },
    before: 500,
    after: 200,
  },
  {
    row: "a request names no tenant",
    async play({ emulator, ask }) {
      const { status } = await ask({ tenantId: undefined });
      return [status, emulator.requests({ kind: "api" }).map(({ tenantId }) => tenantId)];
    },
    before: [500, ["undefined"]],
    after: [400, []],
  },
  {
    row: "an end user asks for `/exhibitors/..%2F..%2Fwhoami`",
    async play({ emulator, ask }) {
      const { status } = await ask({ event: "..%2F..%2Fwhoami" });
      return [status, emulator.requests({ kind: "api" }).map(({ path }) => path)];
    },
    before: [200, ["/api/v1/whoami"]],
    after: [500, []],
  },
  {
    row: "the API answers an error",
    async play({ emulator, ask }) {
      emulator.faults.add({ on: "api", kind: "status", status: 500, body: "connection string of db-7" });
      return (await ask()).text.includes("db-7");
    },
    before: true,
    after: false,
  },
];

describe(page, () => {
  it.each(scenes)("is true where $row", async ({ settings, play, before, after }) => {
    expect(await playWith("before.ts", settings, play)).toEqual(before);
    expect(await playWith("after.ts", settings, play)).toEqual(after);
  });

  it("has no other row in its table", async () => {
    const text = await readFile(join(repository, page), "utf8");
    const rows = [...text.matchAll(/^\| (?!What happens|---)(.+?) \|/gm)].map(([, row]) => row);
    expect(rows).toEqual(scenes.map(({ row }) => row));
  });
});

async function playWith(file: string, settings: Scene["settings"], play: Scene["play"]): Promise<unknown> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const server = await startProgram(page, file, { ...emulator.env, ...settings });
  onTestFinished(() => server.stop());
  const [tenant] = emulator.tenants;
  return play({
    emulator,
    async ask({ event = tenant?.events[0]?.id, ...request } = {}) {
      const tenantId = "tenantId" in request ? request.tenantId : tenant?.id;
      const headers: HeadersInit = tenantId === undefined ? {} : { "x-tenant-id": tenantId };
      const response = await fetch(`${server.url}/exhibitors/${event}`, { headers });
      return { status: response.status, text: await response.text() };
    },
  });
}
