import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import type { Scene } from "./scenes.ts";

it("makes one token request per lifetime while Redis is well, and fails no call whatever happens", async () => {
  // Where it fails, what it has told says in which scene.
  const { stdout, stderr } = await run("--processes", "4", "--json").catch((failure) => failure);
  expect(stderr).toBe("");
  const { byScene, ...summary } = JSON.parse(stdout) as { byScene: Scene[] };
  for (const scene of byScene) {
    expect(scene).toMatchObject({ failedCalls: 0, causes: [] });
    if (scene.healthy) expect(scene).toMatchObject({ tokenRequests: scene.lifetimes });
    // Each process finds out once that its secret was changed.
    expect(scene.refused).toBeLessThanOrEqual(4);
  }
  expect(summary).toMatchObject({ processes: 4, tokenRequests: 1, failedCalls: 0, scenes: 9, scenesHeld: 9 });
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
