import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";

interface HttpServer extends NetServer {
  keepAliveTimeout?: number;
  closeAllConnections?(): void;
}

/** The address of a server that was told to listen on 127.0.0.1, once it does. */
export async function listenUrl(server: HttpServer): Promise<string> {
  // Longer than a busy machine leaves between two requests, or a kept connection is closed under the second.
  server.keepAliveTimeout = 60_000;
  if (!server.listening) await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops listening and ends every connection. */
export async function closeServer(server: HttpServer): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections?.();
  await closed;
}
