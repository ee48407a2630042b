import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it, onTestFinished } from "vitest";
import type { Scene } from "./scenes.ts";

it("makes one token request per lifetime while Redis is well, and fails no call whatever happens", async () => {
  const { code, output, errors } = await run("--processes", "4", "--json");
  expect({ code, errors }, output).toEqual({ code: 0, errors: "" });
  const { byScene, ...summary } = JSON.parse(output) as { byScene: Scene[] };
  expect(summary).toMatchObject({ processes: 4, tokenRequests: 1, failedCalls: 0, scenes: 9, scenesHeld: 9 });
  for (const { failedCalls, healthy, tokenRequests, lifetimes, refused } of byScene) {
    expect(failedCalls).toBe(0);
    if (healthy) expect(tokenRequests).toBe(lifetimes);
    // Each process finds out once that its secret was changed.
    expect(refused).toBeLessThanOrEqual(4);
  }
  const lifetimesIn = new Map(byScene.map(({ name, lifetimes }) => [name, lifetimes]));
  expect(lifetimesIn.get("cold start of all at once")).toBe(1);
  expect(lifetimesIn.get("a token rejected early")).toBe(1);
  expect(lifetimesIn.get("turnover")).toBeGreaterThan(1);
  expect(lifetimesIn.get("secret rotated")).toBeGreaterThan(0);
}, 300_000);

it("names its flags where one is wrong", async () => {
  for (const wrong of [
    ["--process", "4"],
    ["--processes", "1"],
    ["--processes", "many"],
  ]) {
    const errors = expect.stringMatching(/^Usage: fleet .*\n$/);
    expect(await run(...wrong)).toEqual({ code: 2, output: "", errors });
  }
});

async function run(...flags: string[]) {
  const command = ["--conditions=@personify-auth/source", join(import.meta.dirname, "fleet.ts"), ...flags];
  const fleet = spawn(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"] });
  // Not SIGKILL: it takes the processes that it has started with it.
  onTestFinished(() => void fleet.kill());
  const [output, errors, [code]] = await Promise.all([
    text(fleet.stdout),
    text(fleet.stderr),
    once(fleet, "exit"),
  ]);
  return { code, output, errors };
}
