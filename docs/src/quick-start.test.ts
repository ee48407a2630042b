import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmulator } from "@personify-auth/emulator";
import { expect, it, onTestFinished } from "vitest";
import { repository } from "./site-paths.ts";

it("docs/quick-start.md asks for a tenant and an event that the emulator has", async () => {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const page = await readFile(join(repository, "docs/quick-start.md"), "utf8");
  expect(page).toContain(`x-tenant-id: ${emulator.tenants[0]?.id}`);
  expect(page).toContain(`/exhibitors/${emulator.tenants[0]?.events[0]?.id}`);
});
