import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import type { Scene } from "./scenes.ts";

it("makes one token request per lifetime while Redis is well, and fails no call whatever happens", async () => {
  const { stdout, stderr } = await run("--processes", "4", "--json");
  expect(stderr).toBe("");
  const { byScene, ...summary } = JSON.parse(stdout) as { byScene: Scene[] };
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

it("names its flags where one is wrong, and where it is asked to", async () => {
  const usage = expect.stringMatching(/^Usage: fleet .*\n$/);
  for (const wrong of [
    ["--process", "4"],
    ["--processes", "1"],
    ["--processes", "many"],
  ]) {
    await expect(run(...wrong)).rejects.toMatchObject({ code: 2, stdout: "", stderr: usage });
  }
  expect(await run("--help")).toEqual({ stdout: usage, stderr: "" });
});

function run(...flags: string[]) {
  const command = ["--conditions=@personify-auth/source", join(import.meta.dirname, "fleet.ts"), ...flags];
  const fleet = promisify(execFile)(process.execPath, command);
  // Not SIGKILL: it takes the processes that it has started with it.
  onTestFinished(() => void fleet.child.kill());
  return fleet;
}
