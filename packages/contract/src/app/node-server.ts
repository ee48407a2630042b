import { once } from "node:events";
import type { AddressInfo, Server as NetServer } from "node:net";

interface ClosableServer extends NetServer {
  closeAllConnections?(): void;
}

/** The address of a server that was told to listen on 127.0.0.1, once it does. */
export async function listenUrl(server: NetServer): Promise<string> {
  if (!server.listening) await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Stops listening and ends every connection. */
export async function closeServer(server: ClosableServer): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections?.();
  await closed;
}
