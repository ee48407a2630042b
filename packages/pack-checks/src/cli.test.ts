import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fencesOf } from "./fences.test.support.ts";
import { makeFolder, npmInstall, runNode, usePacked } from "./packed.test.support.ts";

const run = promisify(execFile);
const { find } = usePacked();

describe("personify, installed with npm,", () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let emulator: Emulator;
  beforeAll(async () => {
    folder = await makeFolder();
    await writeFile(join(folder.path, "package.json"), JSON.stringify({ name: "consumer", private: true }));
    const names = ["core", "emulator", "cli"].map((name) => find(`@personify-auth/${name}`).tarball);
    await npmInstall(folder.path, names);
    emulator = await startEmulator();
  });
  afterAll(async () => {
    await emulator.close();
    await folder.remove();
  });

  const npx = (...args: string[]) =>
    run("npx", ["--no-install", "@personify-auth/cli", ...args], {
      cwd: folder.path,
      env: { ...process.env, ...emulator.env },
    });

  it("finds all well with npx", async () => {
    const { stdout } = await npx("doctor", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
  });

  it("brings an emulator with its console", async () => {
    const script = `import { startEmulator } from "@personify-auth/emulator";
      const { apiBaseUrl, close } = await startEmulator();
      for (const path of ["/", "/__emulator/console/main.js", "/__emulator/console/console.css"]) {
        console.log((await fetch(apiBaseUrl + path)).status);
      }
      await close();`;
    await writeFile(join(folder.path, "console.mjs"), script);
    expect(await runNode(folder.path, "console.mjs")).toBe("200\n200\n200\n");
  });

  it("ends with an exit code that tells", async () => {
    await expect(npx("call", "GET", "/api/v1/no-such")).rejects.toMatchObject({ code: 4, stdout: "" });
  });

  it("does what the first lines of its README say", async () => {
    const lines = fencesOf("packages/cli/README.md")[0]?.code.trim().split("\n") ?? [];
    const [emulate = "", ...others] = lines.map((line) => line.replace(/^npx /, "npx --no-install "));
    // In a group of its own, which Ctrl+C ends as a whole.
    const running = spawn("sh", ["-c", emulate], { cwd: folder.path, detached: true });
    try {
      const [note] = await once(running.stderr, "data");
      expect(String(note)).toContain("Ctrl+C stops it");
      for (const line of others) await run("sh", ["-c", line], { cwd: folder.path });
    } finally {
      process.kill(-(running.pid ?? 0), "SIGINT");
      await once(running, "exit");
    }
    expect(others.length).toBe(2);
  });
});
