import { once } from "node:events";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

/** Serves a folder as a plain web server does. */
export async function serveSite(folder: string): Promise<{ url: string; close: () => void }> {
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://site.invalid");
    const file = join(folder, pathname.endsWith("/") ? `${pathname}index.html` : pathname);
    const found = await stat(file).catch(() => undefined);
    response.statusCode = found?.isFile() ? 200 : 404;
    response.setHeader("content-type", types[extname(file)] ?? "application/octet-stream");
    if (found?.isFile()) createReadStream(file).pipe(response);
    else response.end();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => void server.close().closeAllConnections(),
  };
}
