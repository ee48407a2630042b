import { createMiddleware } from "hono/factory";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";

/** Nothing from elsewhere, no inline code, no frame around it, and no text that becomes markup. */
const POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  "img-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // With no-referrer, a browser may tell the origin of the console's own requests as null.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Console and control endpoint are for programs of this machine and for the console's own page. Whatever web page is open
 * in a browser here can send requests to 127.0.0.1, also under a name of its own that it lets point there (DNS rebinding).
 *
 * Token endpoint and API are not behind this: they ask for credentials, which such a page does not have, and apps may
 * well reach them under another name, such as one of a hosts file or of a proxy.
 */
export function ownPagesOnly(port: number) {
  const names = ["127.0.0.1", "localhost", "[::1]"];
  const hosts = names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return createMiddleware<EmulatorEnv>(async (c, next) => {
    const refused = refusal(c, hosts);
    if (refused === undefined) await next();
    else c.res = refused;
    for (const [name, value] of Object.entries(HEADERS)) c.res.headers.set(name, value);
  });
}

function refusal(c: EmulatorContext, hosts: readonly string[]): Response | undefined {
  const host = c.req.header("host")?.toLowerCase();
  if (host === undefined || !hosts.includes(host)) {
    return c.json({ error: `the Host must be one of ${hosts.join(", ")} here` }, 421);
  }
  const origin = c.req.header("origin");
  if (origin !== undefined && origin !== `http://${host}`) {
    return c.json({ error: "a page of another origin may ask for nothing here" }, 403);
  }
  return undefined;
}
