import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, startCli } from "./run.test.support.ts";

let emulator: Emulator;
let env: Record<string, string | undefined>;
let secret: string;
let folder: string;
beforeAll(async () => {
  emulator = await startEmulator();
  env = { ...emulator.env, PERSONIFY_CLIENT_SECRET: undefined };
  secret = emulator.credentials.clientSecret;
  folder = await mkdtemp(join(tmpdir(), "personify cli "));
});
afterAll(async () => {
  await emulator.close();
  await rm(folder, { recursive: true });
});

const granted = { code: 0, stdout: expect.stringContaining("Bearer"), stderr: "" };

describe("the secret", () => {
  test("comes from stdin, without the end of its line", async () => {
    expect(
      await runCli(["token", "--client-secret-file", "-"], { env, stdin: `${secret}\r\n` }),
    ).toMatchObject(granted);
  });

  test("comes from a file", async () => {
    const file = join(folder, "secret");
    await writeFile(file, `${secret}\n`);
    expect(await runCli(["token", "--client-secret-file", file], { env })).toMatchObject(granted);
  });

  test("is asked for at a terminal, and not shown", async () => {
    const ended = await runCli(["token"], { env, stdin: `${secret}\n`, isTerminal: true });
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Client secret \(not shown\): \n/),
    });
    expect((ended.stdout + ended.stderr).includes(secret)).toBe(false);
  });

  test("is not asked for without a terminal: what is missing is named", async () => {
    expect(await runCli(["token"], { env })).toEqual({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("PERSONIFY_CLIENT_SECRET"),
    });
  });

  test("interrupts the question with Ctrl+C", async () => {
    expect(await runCli(["token"], { env, stdin: "half\x03", isTerminal: true })).toMatchObject({
      code: 130,
    });
  });

  test("interrupts the wait for stdin with the signal", async () => {
    const stop = new AbortController();
    const { result } = startCli(["token", "--client-secret-file", "-"], { env, signal: stop.signal });
    stop.abort();
    expect(await result).toBe(130);
  });

  test.each([
    ["--client-secret=planted-secret-1"],
    ["--client-secret", "planted-secret-1"],
    ["--clientSecret=planted-secret-1"],
    ["--secret=planted-secret-1"],
  ])("is never taken from a flag, nor repeated: %s", async (...flag) => {
    const { code, stdout, stderr } = await runCli(["token", ...flag], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.includes("planted")).toBe(false);
    const isOurs = !flag[0]?.startsWith("--secret");
    expect(stderr).toContain(isOurs ? "set PERSONIFY_CLIENT_SECRET" : "unknown option '--secret=…'");
  });
});

describe("--env-file", () => {
  const lines = () =>
    Object.entries(emulator.env)
      .map(([name, value]) => `${name}=${value}\n`)
      .join("");

  test.each(["utf8", "utf16le"] as const)("is read as %s", async (encoding) => {
    const file = join(folder, encoding);
    await writeFile(file, `\uFEFF${lines()}`, encoding);
    expect(await runCli(["token", "--env-file", file])).toMatchObject(granted);
  });

  test("wins over the environment, and a flag over both", async () => {
    const file = join(folder, "order");
    await writeFile(file, lines());
    const args = ["token", "--curl", "--env-file", file];
    const of = { PERSONIFY_CLIENT_ID: "of-env" };
    expect((await runCli(args, { env: of })).stdout).toContain("client_id=exhibitor-portal");
    const fromFlag = await runCli([...args, "--client-id", "of-flag"], { env: of });
    expect(fromFlag.stdout).toContain("client_id=of-flag");
  });

  test.each([
    ["inside", "PERSONIFY_CLIENT_SECRET=planted#2-secret", 2],
    ["at its beginning", "export PERSONIFY_CLIENT_SECRET =#2-planted", 2],
    ["in quotes", "PERSONIFY_CLIENT_SECRET='planted#2-secret'", 3],
    ["as a comment", "PERSONIFY_CLIENT_SECRET=planted-2-secret # of production", 3],
  ])("cuts no value at a # without a word: %s", async (_where, line, expected) => {
    const file = join(folder, "hash");
    await writeFile(file, `${lines()}${line}\n`);
    const { code, stderr } = await runCli(["token", "--env-file", file]);
    expect(code).toBe(expected);
    expect(stderr).toContain(expected === 2 ? "PERSONIFY_CLIENT_SECRET ends at its #" : "invalid_client");
    expect(stderr.includes("planted")).toBe(false);
  });

  test("that is not there is named, Windows paths as they were written", async () => {
    const file = String.raw`C:\no such folder\.env`;
    expect(await runCli(["token", "--env-file", file])).toEqual({
      code: 2,
      stdout: "",
      stderr: `--env-file: cannot read ${file} (ENOENT); check the path\n`,
    });
  });
});

test.each(["--tenant", "--client-id", "--client-secret-file"])("an empty %s is refused", async (flag) => {
  const { code, stderr } = await runCli(["token", flag, ""], { env: emulator.env });
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: `${flag} is empty; give it a value, or leave it out\n`,
  });
});

describe("colours", () => {
  test.each([
    ["are there at a terminal", true, {}, true],
    ["are not where NO_COLOR is set", true, { NO_COLOR: "1" }, false],
    ["are not at a dumb terminal", true, { TERM: "dumb" }, false],
    ["are not without a terminal", false, {}, false],
  ])("%s", async (_case, isTerminal, variables, expected) => {
    const all = { ...emulator.env, ...variables };
    const { stdout } = await runCli(["token"], { env: all, isTerminal });
    expect(stdout.includes("\x1b[")).toBe(expected);
  });
});

test("--version is that of the package", async () => {
  const { stdout } = await runCli(["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("--help tells where settings come from and what exit codes mean, without arguments too", async () => {
  const asked = await runCli(["--help"]);
  expect(asked).toMatchObject({ code: 0, stderr: "" });
  expect(asked.stdout).toContain("Exit codes:");
  expect(await runCli([])).toMatchObject({ code: 2, stdout: "", stderr: asked.stdout });
  expect((await runCli(["token", "--help"])).stdout).toContain("PERSONIFY_CLIENT_ID");
});
