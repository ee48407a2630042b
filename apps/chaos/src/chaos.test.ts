import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";

it("keeps every must while all kinds of fault are met", async () => {
  const { stdout, stderr } = await run("--seconds", "30");
  expect(stderr).toBe("");
  const lines = stdout.trim().split("\n");
  const faults = lines.slice(
    lines.findIndex((line) => line.startsWith("faults")) + 1,
    lines.indexOf("calls"),
  );
  expect(faults).toHaveLength(20);
  for (const fault of faults) expect(fault).toMatch(/^ {2}\S.* [1-9]\d* +[1-9]\d*$/);
  expect(lines.at(-1)).toMatch(
    /^chaos: seed \d+, [1-9]\d* calls, [1-9]\d* failed, 0 while a valid token was held, [1-9]\d* token requests, 0 unhandled rejections, .* 11 of 11 musts hold$/,
  );
}, 300_000);

it("names its flags where one is wrong, and where it is asked to", async () => {
  const usage = expect.stringMatching(/^Usage: chaos .*\n$/);
  for (const wrong of [
    ["--hours", "1"],
    ["--seconds", "soon"],
    ["--seed", "x"],
  ]) {
    await expect(run(...wrong)).rejects.toMatchObject({ code: 2, stdout: "", stderr: usage });
  }
  expect(await run("--help")).toEqual({ stdout: usage, stderr: "" });
});

function run(...flags: string[]) {
  const command = ["--conditions=@personify-auth/source", join(import.meta.dirname, "chaos.ts"), ...flags];
  const chaos = promisify(execFile)(process.execPath, command);
  // Not SIGKILL: it takes the processes that it has started with it.
  onTestFinished(() => void chaos.child.kill());
  return chaos;
}
