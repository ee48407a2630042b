/** Renews the pictures in docs/emulator: the console after a morning's work of an app, in light, in dark and on a phone. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContextOptions, startBrowser } from "@personify-auth/browser";
import { callApi, form, getToken, postToken } from "./emulator-client.test.support.ts";
import { startEmulator } from "./index.ts";

const folder = join(import.meta.dirname, "../../../docs/emulator");

const pictures: Readonly<Record<string, BrowserContextOptions>> = {
  light: { viewport: { width: 1280, height: 860 }, colorScheme: "light" },
  dark: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true, isMobile: true },
};

const emulator = await startEmulator({ port: 4000 });
const browser = await startBrowser();
try {
  await work();
  await mkdir(folder, { recursive: true });
  for (const [name, options] of Object.entries(pictures)) {
    const context = await browser.newContext({ ...options, locale: "en-GB" });
    const page = await context.newPage();
    await page.goto(emulator.apiBaseUrl);
    await page.getByText("Live", { exact: true }).waitFor();
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  await emulator.close();
}

/** What there is to see: good calls and bad ones, tokens of several ages, and faults that wait. */
async function work(): Promise<void> {
  const { tenants, faults, clock, credentials } = emulator;
  const event = `/api/v1/exhibitor/event/${tenants[0]?.events[0]?.id}`;
  const early = await getToken(emulator);
  await callApi(emulator, early, `${event}?ItemsPerPage=20`);
  clock.advance(49 * 60_000);
  await postToken(emulator, form({ ...credentials, clientSecret: "a secret of last year" }));
  const token = await getToken(emulator);
  clock.advance(7 * 60_000);
  for (const page of [1, 2, 3]) await callApi(emulator, token, `${event}?Page=${page}&ItemsPerPage=50`);
  faults.add({ on: "api", kind: "status", status: 503, retryAfter: 2 });
  for (const _ of [1, 2]) await callApi(emulator, token, `${event}/contactEmail/nobody@example.com`);
  faults.add({ on: "token", kind: "latency", ms: 180 });
  const late = await getToken(emulator);
  await callApi(emulator, late, "/api/v1/whoami");
  const headers = { "content-type": "application/json" };
  await callApi(emulator, late, `${event}/note`, {
    method: "POST",
    headers,
    body: '{"text": "Booth moved"}',
  });
  faults.add({ on: "api", kind: "reset" });
  await callApi(emulator, late, `${event}/note`).catch(() => {});
  faults.add({ on: "api", kind: "reject-token" });
  await callApi(emulator, late, `${event}?ItemsPerPage=20`);
  await callApi(emulator, await getToken(emulator), `${event}?ItemsPerPage=20`);
  faults.add({ on: "api", kind: "status", status: 429, retryAfter: 5, times: 3 });
}
