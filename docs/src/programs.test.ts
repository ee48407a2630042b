import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { startWorkers } from "@personify-auth/runtimes";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readProgram, runProgram, typeErrors, writeProgram } from "./program.test.support.ts";
import { repository } from "./site-paths.ts";

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
  onTestFinished(() => emulator.close());
});

it("the programs of migration.md and hono-at-the-edge.md have no type errors", async () => {
  const paths = [
    await writeProgram("docs/migration.md", "before.ts"),
    await writeProgram("docs/migration.md", "after.ts"),
    await writeProgram("docs/hono-at-the-edge.md", "src/worker.ts"),
  ];
  expect(await typeErrors(paths)).toBe("");
});

it("the program of concepts.md prints what the page says", async () => {
  const { next } = await readProgram("docs/concepts.md", "life.js");
  expect(await runProgram("docs/concepts.md", "life.js")).toBe(next);
});

it("quick-start.md asks for a tenant and an event that the emulator has", async () => {
  const page = await readFile(join(repository, "docs/quick-start.md"), "utf8");
  expect(page).toContain(`x-tenant-id: ${emulator.tenants[0]?.id}`);
  expect(page).toContain(`/exhibitors/${emulator.tenants[0]?.events[0]?.id}`);
});

describe("the Worker of hono-at-the-edge.md", () => {
  const page = "docs/hono-at-the-edge.md";

  it("answers each tenant with its own, on one token, with the settings of the page", async () => {
    const settings = JSON.parse((await readProgram(page, "wrangler.jsonc")).code);
    const { name, class_name: className } = settings.durable_objects.bindings[0];
    const useSQLite = settings.migrations[0].new_sqlite_classes.includes(className);
    const workers = await startWorkers([
      {
        name: settings.name,
        entry: await writeProgram(page, settings.main),
        bindings: emulator.env,
        durableObjects: { [name]: { className, useSQLite } },
        compatibilityDate: settings.compatibility_date,
      },
    ]);
    onTestFinished(() => workers.stop());
    const { origin } = await workers.urlOf(settings.name);
    const answers = await Promise.all(
      emulator.tenants.map(async ({ id, events }) => {
        const answer = await fetch(`${origin}/exhibitors/${events[0]?.id}`, {
          headers: { "x-tenant-id": id },
        });
        const { data } = (await answer.json()) as { data: { eventId: string }[] };
        return [answer.status, data[0]?.eventId];
      }),
    );
    expect(answers).toEqual(emulator.tenants.map(({ events }) => [200, events[0]?.id]));
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });
});
