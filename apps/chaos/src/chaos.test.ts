import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";

it("keeps every must while all kinds of fault are met", async () => {
  const { code, output, errors } = await run("--seconds", "30");
  expect({ code, errors }, output).toEqual({ code: 0, errors: "" });
  const lines = output.trim().split("\n");
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

it("names its flags where one is wrong", async () => {
  for (const wrong of [
    ["--hours", "1"],
    ["--seconds", "soon"],
    ["--seed", "x"],
  ]) {
    const errors = expect.stringMatching(/^Usage: chaos .*\n$/);
    expect(await run(...wrong)).toEqual({ code: 2, output: "", errors });
  }
});

async function run(...flags: string[]) {
  const command = ["--conditions=@personify-auth/source", join(import.meta.dirname, "chaos.ts"), ...flags];
  const chaos = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
  // Not SIGKILL: it takes the processes that it has started with it.
  onTestFinished(() => void chaos.kill());
  const [output, errors, [code]] = await Promise.all([
    text(chaos.stdout),
    text(chaos.stderr),
    once(chaos, "exit"),
  ]);
  return { code, output, errors };
}
