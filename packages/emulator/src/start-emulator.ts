import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { type Clients, createClientRegistry } from "./client-registry.ts";
import { type Clock, createClock } from "./clock.ts";
import type { Credentials } from "./credentials.ts";
import { createTradeShows, type Tenant } from "./data/trade-shows.ts";
import { defaultClients } from "./default-clients.ts";
import { createFaults, type Faults } from "./faults.ts";
import { type EmulatorOptions, resolveOptions } from "./options.ts";
import {
  createRequestLog,
  type LogEntry,
  type LoggedRequest,
  type RequestFilter,
  TOKEN_PATH,
} from "./request-log.ts";
import { createRoutes } from "./routes.ts";
import { createSigningKey } from "./signing-key.ts";
import { createTokenRegistry, type Tokens } from "./token-registry.ts";

/** A running emulator. */
export interface Emulator {
  /** `http://127.0.0.1:PORT/connect/token`. */
  readonly tokenUrl: string;
  /** `http://127.0.0.1:PORT`, without a slash at its end. */
  readonly apiBaseUrl: string;
  /** Of the default client: scope `idp_api`, tokens for 3600 s. */
  readonly credentials: Credentials;
  /** The default client's settings as environment variables, by the names that `optionsFromEnv` of core reads. */
  readonly env: Readonly<Record<string, string>>;
  /** Two more clients. */
  readonly otherCredentials: {
    /** Scopes `idp_api floorplan`, tokens for 2 s. */
    readonly shortLived: Credentials;
    /** May not use the client credentials grant: gets `unauthorized_client`. */
    readonly withoutGrant: Credentials;
  };
  /** The tenants, with their events. */
  readonly tenants: readonly Tenant[];
  /** The clients that the token endpoint knows, to add to and change. */
  readonly clients: Clients;
  /** The tokens that it issued, to list and revoke. */
  readonly tokens: Tokens;
  /** Its clock, to move forward. */
  readonly clock: Clock;
  /** What goes wrong, to add to. */
  readonly faults: Faults;
  /**
   * The requests received, in order, the last 50,000 of them; with a filter, those that equal it in every member.
   * @throws TypeError on an unknown filter member
   */
  requests(filter?: RequestFilter): LoggedRequest[];
  /** Forgets the requests received. */
  clearRequests(): void;
  /** Closes every connection at once and stops listening; may be called again. */
  close(): Promise<void>;
}

/** Longer than a test waits between two requests, so that no kept connection closes under it. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts a local Personify on 127.0.0.1.
 * @throws TypeError on a bad option; the system's error when the port cannot be had
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const { port, seed, profile } = resolveOptions(options);
  const clock = createClock();
  const log = createRequestLog(clock);
  const entries = new WeakMap<IncomingMessage, LogEntry>();
  const signingKey = await createSigningKey();

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const apiBaseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tokenUrl = apiBaseUrl + TOKEN_PATH;

  const tradeShows = createTradeShows(seed);
  const { tenants } = tradeShows;
  const clients = createClientRegistry();
  const { main, shortLived, withoutGrant } = defaultClients(seed);
  for (const client of [main, shortLived, withoutGrant]) clients.add(client);
  const tokens = createTokenRegistry({ clock, issuer: apiBaseUrl, signingKey });
  const faults = createFaults();

  const credentialsOf = (client: { clientId: string; clientSecret: string; scopes: readonly string[] }) => ({
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    tenantId: (tenants[0] as Tenant).id,
    scope: client.scopes.join(" "),
  });
  const credentials = credentialsOf(main);
  const env = {
    PERSONIFY_CLIENT_ID: credentials.clientId,
    PERSONIFY_CLIENT_SECRET: credentials.clientSecret,
    PERSONIFY_TENANT_ID: credentials.tenantId,
    PERSONIFY_SCOPE: credentials.scope,
    PERSONIFY_API_BASE_URL: apiBaseUrl,
    PERSONIFY_TOKEN_URL: tokenUrl,
    PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
  };
  const settings = { port: Number(new URL(apiBaseUrl).port), seed, profile, tokenUrl, apiBaseUrl };
  const routes = createRoutes({
    settings,
    env,
    tradeShows,
    clients,
    tokens,
    signingKey,
    clock,
    faults,
    log,
  });
  const listener = getRequestListener(
    (request, server) => {
      const { incoming, outgoing } = server as { incoming: IncomingMessage; outgoing: never };
      return routes.fetch(request, { incoming, outgoing, entry: entries.get(incoming) });
    },
    // A test double leaves the globals of the process that starts it alone.
    { overrideGlobalObjects: false },
  );
  server.on("request", (incoming, outgoing) => {
    const entry = log.open(incoming);
    entries.set(incoming, entry);
    const arrived = performance.now();
    outgoing.once("close", () => {
      if (outgoing.headersSent) entry.status ??= outgoing.statusCode;
      entry.durationMs ??= performance.now() - arrived;
    });
    void listener(incoming, outgoing);
  });

  return {
    tokenUrl,
    apiBaseUrl,
    credentials,
    env,
    otherCredentials: { shortLived: credentialsOf(shortLived), withoutGrant: credentialsOf(withoutGrant) },
    tenants,
    clients: {
      add: clients.add,
      update: clients.update,
      remove(clientId) {
        tokens.revoke({ clientId });
        return clients.remove(clientId);
      },
      list: clients.list,
    },
    tokens: { alive: tokens.alive, revoke: tokens.revoke },
    clock,
    faults: { add: faults.add, list: faults.list, clear: faults.clear },
    requests: log.list,
    clearRequests: log.clear,
    // Closing again calls back with an error, which says no more than that it is closed.
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
