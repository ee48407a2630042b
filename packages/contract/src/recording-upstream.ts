import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { closeServer, listenUrl } from "./app/node-server.ts";

/** A token endpoint, and an API that tells back the tenant and the headers that came. */
export interface Upstream {
  readonly tokenUrl: string;
  readonly apiBaseUrl: string;
  readonly close: () => Promise<void>;
}

export interface Echo {
  readonly tenantId: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `before` runs before each answer of the API; it may end the connection instead. */
export async function startUpstream(
  before: (incoming: IncomingMessage) => Promise<void> = async () => {},
): Promise<Upstream> {
  const server = createServer({ keepAliveTimeout: 60_000 }, async (incoming, outgoing) => {
    if (incoming.url === "/connect/token") {
      return sendJson(outgoing, {
        access_token: "token-of-upstream",
        token_type: "Bearer",
        expires_in: 3_600,
      });
    }
    await before(incoming);
    if (outgoing.destroyed) return;
    const { headers } = incoming;
    sendJson(outgoing, { tenantId: headers["x-tenant-id"] ?? null, headers, body: await text(incoming) });
  });
  server.listen(0, "127.0.0.1");
  const apiBaseUrl = await listenUrl(server);
  return { tokenUrl: `${apiBaseUrl}/connect/token`, apiBaseUrl, close: () => closeServer(server) };
}

function sendJson(outgoing: ServerResponse, body: object): void {
  outgoing.setHeader("content-type", "application/json");
  outgoing.end(JSON.stringify(body));
}
