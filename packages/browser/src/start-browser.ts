import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";
import { unpackChromium } from "./unpack-chromium.ts";

/** Of the whole project, and ignored by git. */
const cache = join(import.meta.dirname, "../../../node_modules/.cache/browser");

/**
 * Starts a Chromium without a window, that ends with this process at the latest. Every host name leads it to 127.0.0.1, so no
 * request leaves this machine, and a page may be looked at under any name.
 */
export async function startBrowser(): Promise<Browser> {
  const { path, env } = await unpackChromium(cache);
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    args: [
      "--host-resolver-rules=MAP * 127.0.0.1",
      "--no-proxy-server",
      // The shared memory of a container is small.
      "--disable-dev-shm-usage",
      // Letters keep their widths, whatever the machine smooths.
      "--font-render-hinting=none",
    ],
  });
}
