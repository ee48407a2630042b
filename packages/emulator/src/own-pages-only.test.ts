import { request as httpRequest } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { getToken, running, sendRaw } from "./emulator-client.test.support.ts";
import type { Emulator } from "./index.ts";

/** The status for a request with these headers. */
function statusOf(
  emulator: Emulator,
  path: string,
  headers: Record<string, string>,
  method = "GET",
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(emulator.apiBaseUrl + path, { method, headers, agent: false }, (answer) =>
      text(answer).then(() => resolve(answer.statusCode), reject),
    );
    sent.on("error", reject).end();
  });
}
const pages = [
  "/",
  "/__emulator/console/main.js",
  "/__emulator/console/setup",
  "/__emulator/console/updates",
  "/__emulator/state",
  "/__emulator/requests",
];

test("a page under another name or port (DNS rebinding) is refused; this machine's names are not", async () => {
  const emulator = await running();
  const { port } = new URL(emulator.apiBaseUrl);
  for (const path of pages) {
    for (const host of [`127.0.0.1:${port}`, `LocalHost:${port}`, `[::1]:${port}`]) {
      expect([path, host, await statusOf(emulator, path, { host })]).toEqual([path, host, 200]);
    }
    for (const host of [
      "127.0.0.1",
      `127.0.0.1.:${port}`,
      `127.0.0.1:0${port}`,
      `2130706433:${port}`,
      `localhost.:${port}`,
      `evil.example:${port}`,
      "127.0.0.1:1",
      `127.0.0.1.evil.example:${port}`,
    ]) {
      expect([path, host, await statusOf(emulator, path, { host })]).toEqual([path, host, 421]);
    }
  }
  expect((await sendRaw(emulator, "GET / HTTP/1.0\r\n\r\n")).received).toMatch(/^HTTP\/1\.1 4/);
  for (const path of ["/__emulator/faults", "/__emulator/requests"]) {
    expect(await statusOf(emulator, path, { host: `evil.example:${port}` }, "DELETE")).toBe(421);
  }
});

test("pages of another origin are refused, and told nothing about origins", async () => {
  const emulator = await running();
  for (const path of pages) {
    for (const origin of [
      "https://evil.example",
      "http://127.0.0.1:1",
      "null",
      emulator.apiBaseUrl.replace("127.0.0.1", "localhost"),
    ]) {
      expect([path, origin, await statusOf(emulator, path, { origin })]).toEqual([path, origin, 403]);
    }
    const own = await fetch(emulator.apiBaseUrl + path, { headers: { origin: emulator.apiBaseUrl } });
    expect([path, own.status]).toEqual([path, 200]);
    expect([...own.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    expect(Object.fromEntries(own.headers)).toMatchObject({
      "content-security-policy": expect.stringMatching(
        /^default-src 'none'; .*frame-ancestors 'none'; require-trusted-types-for 'script'/,
      ),
      "cross-origin-resource-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
    });
  }
  expect(await statusOf(emulator, "/__emulator/faults", { origin: "https://evil.example" }, "DELETE")).toBe(
    403,
  );
});

test("token endpoint and API are reached under any name, with credentials", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  const headers = {
    host: "personify.test",
    authorization: `Bearer ${token}`,
    "x-tenant-id": emulator.credentials.tenantId,
  };
  expect(await statusOf(emulator, "/api/v1/whoami", headers)).toBe(200);
  expect(await statusOf(emulator, "/connect/token", { host: "personify.test" }, "POST")).toBe(400);
});

test("an unknown file of the console → 404, and none outside its folder is sent", async () => {
  const emulator = await running();
  for (const name of [
    "nothing.js",
    "tsconfig.json",
    "..%2fpackage.json",
    "%2e%2e/package.json",
    "index.html",
  ]) {
    expect([name, (await fetch(`${emulator.apiBaseUrl}/__emulator/console/${name}`)).status]).toEqual([
      name,
      404,
    ]);
  }
});
