import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { startRedis } from "@personify-auth/redis-server";
import { startServer, startWorkers } from "@personify-auth/runtimes";
import { expect } from "vitest";
import { fencesOf } from "./fences.test.support.ts";
import { runNode } from "./packed.test.support.ts";
import type { Snippet } from "./snippets.test.support.ts";

/** Runs a snippet against an emulator, in the folder where its package is installed. */
export async function trySnippet(snippet: Snippet, folder: string): Promise<void> {
  const emulator = await startEmulator();
  try {
    const { name, trial } = snippet;
    const [first, second] = emulator.tenants;
    const code = snippet.code
      .replace('"tenant-1"', JSON.stringify(first?.id))
      .replace('"tenant-2"', JSON.stringify(second?.id));
    if (trial.as === "script") {
      await writeFile(join(folder, name), code + (trial.after ?? ""));
      await (trial.redis ? tryFleet : tryScript)(folder, name, trial.prints, emulator);
    } else if (trial.as === "server") {
      await writeFile(join(folder, name), code);
      expect(await callServer(folder, name, emulator)).toEqual(served);
      emulator.clearRequests();
      const commonJs = name.replace(/\.m(.s)$/, ".c$1");
      await writeFile(join(folder, commonJs), withRequire(code));
      expect(await callServer(folder, commonJs, emulator)).toEqual(served);
    } else {
      await writeFile(join(folder, name), code);
      expect(await callWorker(join(folder, name), emulator)).toEqual(served);
    }
  } finally {
    await emulator.close();
  }
}

function withRequire(code: string): string {
  return code.replaceAll(/^import (.+) from (".+");$/gm, "const $1 = require($2);");
}

async function tryScript(
  folder: string,
  script: string,
  prints: RegExp,
  emulator: Emulator,
  more: Record<string, string> = {},
): Promise<void> {
  expect(await runNode(folder, script, { ...environment(emulator), ...more })).toMatch(prints);
}

/** Twice, as two processes of a fleet, with no more rights on Redis than its page says that they need. */
async function tryFleet(folder: string, script: string, prints: RegExp, emulator: Emulator): Promise<void> {
  const [line = ""] = fencesOf("packages/redis/README.md").flatMap(({ code }) =>
    code.split("\n").filter((each) => each.startsWith("ACL SETUSER ")),
  );
  const [user, ...rights] = line.split(" ").slice(2);
  const password = rights.find((each) => each.startsWith(">"))?.slice(1);
  const server = await startRedis(["--user", user ?? "", ...rights]);
  try {
    const url = server.url.replace("//", `//${user}:${password}@`);
    for (const _process of [1, 2]) await tryScript(folder, script, prints, emulator, { REDIS_URL: url });
    expect(emulator.requests({ kind: "token" }).length).toBe(1);
  } finally {
    await server.kill();
  }
}

const served = { status: 200, totalCount: 140, tokenRequests: 1 };

/** Starts a server, and asks it for the exhibitors of an event. */
async function callServer(folder: string, script: string, emulator: Emulator): Promise<unknown> {
  const server = await startServer(join(folder, script), { cwd: folder, env: environment(emulator) });
  try {
    return await exhibitorsFrom(server.url, emulator);
  } finally {
    server.stop();
  }
}

/** Serves a Worker with the settings of its page, and asks it for the exhibitors of an event. */
async function callWorker(entry: string, emulator: Emulator): Promise<unknown> {
  const settings = fencesOf("packages/cloudflare/README.md").find(({ language }) => language === "jsonc");
  const { durable_objects, migrations } = JSON.parse(`{${settings?.code}}`);
  const classes: string[] = migrations[0].new_sqlite_classes;
  const durableObjects = durable_objects.bindings.map((binding: { name: string; class_name: string }) => [
    binding.name,
    { className: binding.class_name, useSQLite: classes.includes(binding.class_name) },
  ]);
  const worker = await startWorkers([
    {
      name: "worker",
      entry,
      bindings: emulator.env,
      durableObjects: Object.fromEntries(durableObjects),
    },
  ]);
  try {
    return await exhibitorsFrom((await worker.urlOf("worker")).origin, emulator);
  } finally {
    await worker.stop();
  }
}

async function exhibitorsFrom(url: string, emulator: Emulator): Promise<unknown> {
  const [tenant] = emulator.tenants;
  const headers = { "x-tenant-id": tenant?.id ?? "" };
  const answer = await fetch(`${url}/exhibitors/${tenant?.events[0]?.id}`, { headers });
  const page = (await answer.json()) as { paginationMetadata?: { totalCount: number } };
  return {
    status: answer.status,
    totalCount: page.paginationMetadata?.totalCount,
    tokenRequests: emulator.requests({ kind: "token" }).length,
  };
}

function environment(emulator: Emulator): Record<string, string> {
  return { ...emulator.env, EVENT_ID: emulator.tenants[0]?.events[0]?.id ?? "" };
}
