import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type Page, startBrowser } from "./index.ts";
import { unpackChromium } from "./unpack-chromium.ts";

/** A page on a port of 127.0.0.1 that tells the host it was asked for under; at /held nothing is ever answered. */
async function serve(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    if (request.url === "/held") return;
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>A page</title><p>${request.headers.host}</p>`);
  });
  onTestFinished(() => void server.close().closeAllConnections());
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

async function openPage(): Promise<Page> {
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  return browser.newPage();
}

test("it opens a local page, and every host name leads it there", async () => {
  const { port } = await serve();
  const page = await openPage();
  for (const host of ["127.0.0.1", "localhost", "elsewhere.example", "203.0.113.1"]) {
    await page.goto(`http://${host}:${port}/`);
    expect(await page.locator("p").textContent()).toBe(`${host}:${port}`);
  }
});

test("it draws text, with the font that it brings along", async () => {
  const page = await openPage();
  const drawn = async (text: string) => {
    await page.setContent(`<p style="font: 20px system-ui">${text}</p>`);
    return (await page.screenshot()).toString("base64");
  };
  expect(await drawn("il")).not.toBe(await drawn("li"));
});

test("it ends with the process that started it, though that was killed", async () => {
  const { server, port } = await serve();
  const script = `
    import { startBrowser } from ${JSON.stringify(new URL("index.ts", import.meta.url).href)};
    const browser = await startBrowser();
    const page = await browser.newPage();
    await page.goto("http://127.0.0.1:${port}/");
    await page.evaluate(() => fetch("/held"));
  `;
  // What it leaves behind goes with the test.
  const TMPDIR = await mkdtemp(join(tmpdir(), "browser-"));
  onTestFinished(() => rm(TMPDIR, { recursive: true, force: true, maxRetries: 10 }));
  const starter = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: "inherit",
    env: { ...process.env, TMPDIR },
  });
  onTestFinished(() => void starter.kill("SIGKILL"));
  const held = new Promise<void>((resolve) => {
    server.on("request", ({ url, socket }) => {
      if (url !== "/held") return;
      socket.once("close", resolve);
      starter.kill("SIGKILL");
    });
  });
  await held;
});

/** What the C library and the compiler's own bring. */
const ofEverySystem = /^(linux-vdso|ld-linux-x86-64|libc|libdl|libgcc_s|libm|libpthread)\.so\.\d+$/;

test("it is unpacked whole where several look for it at once, and needs no more of the system than C does", async () => {
  const cache = await mkdtemp(join(tmpdir(), "browser-"));
  onTestFinished(() => rm(cache, { recursive: true }));
  const [chromium, other] = await Promise.all([unpackChromium(cache), unpackChromium(cache)]);
  expect(other).toEqual(chromium);
  expect(await readdir(cache)).toHaveLength(1);
  const { stdout } = spawnSync("ldd", [chromium.path], { env: { ...process.env, ...chromium.env } });
  const libraries = stdout.toString().trim().split("\n");
  const foreign = libraries
    .filter((line) => !line.includes(cache))
    .map((line) => /[^\s/]+\.so\S*/.exec(line)?.[0] ?? line);
  expect(libraries.length).toBeGreaterThan(foreign.length);
  expect(foreign.filter((name) => !ofEverySystem.test(name))).toEqual([]);
});
