import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** How the server behaves. Times are in ms, a token's lifetime in seconds. */
export interface ServerSettings {
  readonly tokenLatency: number;
  readonly apiLatency: number;
  readonly tokenLifetime: number;
}

/** What the server saw since its settings were last set. */
export interface ServerCounts {
  tokenRequests: number;
  apiRequests: number;
  /** Calls answered 401: without a token, or with one that has expired. */
  rejected: number;
}

export interface Server {
  readonly origin: string;
  /** Sets how it behaves, and counts from 0 again. */
  configure(settings: Partial<ServerSettings>): void;
  counts(): ServerCounts;
  close(): Promise<void>;
}

const defaults: ServerSettings = { tokenLatency: 0, apiLatency: 0, tokenLifetime: 3_600 };

/** The list that the API answers: about 1 kB of JSON. */
export const list = {
  items: Array.from({ length: 8 }, (_, index) => ({
    id: 1_000 + index,
    name: `Exhibitor ${index} of the hall`,
    booth: `B-${index}12`,
    city: "Rotterdam",
    categories: ["print", "paper"],
    isActive: index % 2 === 0,
  })),
  paginationMetadata: { currentPage: 1, pageSize: 8, totalCount: 8, totalPages: 1 },
};

/** What the API answers: the list, and when the token of the call was granted. */
export interface ApiAnswer {
  readonly grantedAt: number;
}

interface Grant {
  readonly expiresAt: number;
  /** What the API answers to whoever shows the token. */
  readonly body: Buffer;
}

/** Where the API answers about `size` bytes of JSON, 2 at least. */
export function bodyPath(size: number): string {
  return `/api/v1/bytes/${size}`;
}

/** A token endpoint, for POST, and an API that answers one list, for GET, whatever the path; but for `bodyPath`. */
export async function startServer(): Promise<Server> {
  const grants = new Map<string, Grant>();
  const bodies = new Map<string, Buffer>();
  let settings = defaults;
  let counts: ServerCounts = { tokenRequests: 0, apiRequests: 0, rejected: 0 };

  async function grant(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { tokenRequests } = counts;
    counts.tokenRequests++;
    request.resume();
    if (settings.tokenLatency > 0) await delay(settings.tokenLatency);
    const { tokenLifetime } = settings;
    const grantedAt = timeOfDay();
    const token = createToken(tokenRequests, grantedAt, tokenLifetime);
    grants.set(`Bearer ${token}`, {
      expiresAt: grantedAt + tokenLifetime * 1_000,
      body: Buffer.from(JSON.stringify({ ...list, grantedAt } satisfies ApiAnswer)),
    });
    const answer = { access_token: token, token_type: "Bearer", expires_in: tokenLifetime };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }

  function bodyAt(path: string): Buffer | undefined {
    const size = /^\/api\/v1\/bytes\/(\d+)$/.exec(path)?.[1];
    if (size === undefined) return undefined;
    const body = bodies.get(size) ?? createBody(Number(size));
    bodies.set(size, body);
    return body;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counts.apiRequests++;
    const granted = grants.get(request.headers.authorization ?? "");
    const isAuthorized = granted !== undefined && granted.expiresAt > timeOfDay();
    if (settings.apiLatency > 0) await delay(settings.apiLatency);
    if (isAuthorized) {
      const body = bodyAt(request.url ?? "") ?? granted.body;
      const headers = { "content-type": "application/json", "content-length": body.length };
      response.writeHead(200, headers).end(body);
      return;
    }
    counts.rejected++;
    response.writeHead(401, { "www-authenticate": "Bearer" }).end();
  }

  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    void (request.method === "POST" ? grant : answer)(request, response);
  });
  // A cold start may open a connection for each of 10,000 callers.
  await new Promise<void>((resolve) =>
    server.listen({ port: 0, host: "127.0.0.1", backlog: 20_000 }, resolve),
  );
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    configure(changed) {
      settings = { ...defaults, ...changed };
      counts = { tokenRequests: 0, apiRequests: 0, rejected: 0 };
    },
    counts: () => counts,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of the machine, so that processes agree; in ms, finer than `Date.now()`. */
export function timeOfDay(): number {
  return performance.timeOrigin + performance.now();
}

/** As many items of the list as fit. */
function createBody(size: number): Buffer {
  const [item] = list.items;
  const length = Math.floor(size / (JSON.stringify(item).length + 1));
  return Buffer.from(JSON.stringify(Array.from({ length }, () => item)));
}

/** Shaped as a JWT, unsigned, since a peer reads `exp` out of it. */
function createToken(id: number, now: number, lifetime: number): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { jti: `${now}-${id}`, exp: now / 1_000 + lifetime };
  return `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}.${encode("signature")}`;
}
