import { join } from "node:path";
import { expect, it } from "vitest";
import { run } from "./run.ts";

it("rehearses two releases of the working tree", async () => {
  const output = await run(
    process.execPath,
    ["--conditions=@personify-auth/source", join(import.meta.dirname, "rehearse.ts")],
    { cwd: join(import.meta.dirname, "../../../..") },
  );
  expect(output).toMatch(/\nTwo releases of \d+ packages rehearsed: \d+ steps, all as expected, in \d+ s\n/);
}, 1_200_000);
