import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { findProgram } from "./find-program.ts";
import { openRedis, type RedisServer, startRedis } from "./index.ts";
import { runs } from "./program.ts";
import { unpackProgram } from "./unpack-program.ts";

async function running(config?: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(config);
  onTestFinished(() => server.kill());
  return server;
}

/** What it answers to one command; rejects where no one listens. */
async function ask({ port }: RedisServer, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`${command}\r\nQUIT\r\n`);
  return (await text(socket)).replace("+OK\r\n", "").trim();
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "redis-server-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

// The first on a machine may have to be downloaded.
beforeAll(async () => (await startRedis()).kill(), 300_000);

test("it listens on 127.0.0.1 alone, keeps nothing on disk, and takes configuration", async () => {
  const server = await running(["--maxmemory", "3mb"]);
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`);
  expect(await ask(server, "CONFIG GET bind")).toContain("\r\n127.0.0.1");
  expect(await ask(server, "CONFIG GET save")).toBe("*2\r\n$4\r\nsave\r\n$0");
  expect(await ask(server, "CONFIG GET appendonly")).toContain("\r\nno");
  expect(await ask(server, "CONFIG GET maxmemory")).toContain("\r\n3145728");
});

test("one that was killed starts again on its port, and is empty", async () => {
  const server = await running();
  await ask(server, "SET animal cat");
  await server.kill();
  await expect(ask(server, "PING")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await server.kill();
  await server.start();
  expect(await ask(server, "EXISTS animal")).toBe(":0");
});

test("it ends with the process that started it, though that was killed and it was stopped", async () => {
  const script = `
    import { startRedis } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const { port, signal } = await startRedis();
    signal("SIGSTOP");
    process.send(port);
  `;
  const starter = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  onTestFinished(() => void starter.kill("SIGKILL"));
  const [port] = await once(starter, "message");
  starter.kill("SIGKILL");
  const isGone = () =>
    new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(false)).once("error", () => resolve(true));
      socket.once("connect", () => socket.destroy());
    });
  await expect.poll(isGone, { timeout: 20_000 }).toBe(true);
});

test("one that is stopped answers once it goes on", async () => {
  const server = await running();
  server.signal("SIGSTOP");
  const answered = ask(server, "PING");
  let isAnswered = false;
  void answered.then(() => (isAnswered = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(isAnswered).toBe(false);
  server.signal("SIGCONT");
  expect(await answered).toBe("+PONG");
});

test("several start at once", async () => {
  const servers = await Promise.all([running(), running(), running()]);
  expect(await Promise.all(servers.map((server) => ask(server, "PING")))).toEqual(Array(3).fill("+PONG"));
});

test("configuration that it does not take is an error with what it said", async () => {
  await expect(startRedis(["--no-such-setting", "1"])).rejects.toThrow(
    /redis-server ended: .*no-such-setting/s,
  );
});

test("REDIS_URL takes the place of one that would be started", async () => {
  const { REDIS_URL } = process.env;
  onTestFinished(() => {
    if (REDIS_URL === undefined) delete process.env["REDIS_URL"];
    else process.env["REDIS_URL"] = REDIS_URL;
  });
  process.env["REDIS_URL"] = "redis://redis.example:6379";
  expect((await openRedis()).url).toBe("redis://redis.example:6379");
});

test.each(["redis-server", "valkey-server"])(
  "a %s on the PATH is taken, and nothing is unpacked",
  async (name) => {
    const path = await temporaryFolder();
    await symlink(process.execPath, join(path, name));
    const cache = join(await temporaryFolder(), "redis");
    const env = { PATH: ["/nowhere", path].join(delimiter) };
    expect(await findProgram(cache, env)).toEqual({ path: join(path, name), env });
    expect(await readdir(join(cache, ".."))).toEqual([]);
  },
);

describe("without one on the PATH", { timeout: 300_000 }, () => {
  const hasApt = spawnSync("apt-get", ["--version"]).status === 0;

  test("it is unpacked, whole where several look for it at once", async () => {
    const folder = await temporaryFolder();
    const cache = join(folder, "redis");
    const unpacking = Promise.all([unpackProgram(cache, process.env), unpackProgram(cache, process.env)]);
    if (!hasApt) return await expect(unpacking).rejects.toThrow("apt-get");
    expect((await unpacking).map(runs)).toEqual([true, true]);
    expect(await readdir(folder)).toEqual(["redis"]);
    // Found again, without a program that could unpack it.
    expect(await findProgram(cache, { PATH: "/nowhere" })).toEqual((await unpacking)[0]);
  });

  test("it is unpacked also where apt knows no packages yet", async () => {
    const APT_CONFIG = join(await temporaryFolder(), "apt.conf");
    await writeFile(APT_CONFIG, `Dir::State::Lists "${await temporaryFolder()}";`);
    const unpacking = unpackProgram(join(await temporaryFolder(), "redis"), { ...process.env, APT_CONFIG });
    if (!hasApt) return await expect(unpacking).rejects.toThrow("apt-get");
    expect(runs(await unpacking)).toBe(true);
  });
});

test("where there is no way to one, the error names the ways out", async () => {
  const cache = join(await temporaryFolder(), "redis");
  const looking = findProgram(cache, { PATH: "/nowhere" });
  await expect(looking).rejects.toThrow(/REDIS_URL/);
  await expect(looking).rejects.toThrow(/on the PATH/);
  await expect(looking).rejects.toThrow(/apt-get/);
  expect(await readdir(join(cache, ".."))).toEqual([]);
});
