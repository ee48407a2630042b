import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { api } from "./api.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { Clock } from "./clock.ts";
import { consolePage } from "./console-page.ts";
import { control } from "./control.ts";
import type { TradeShowData } from "./data/trade-shows.ts";
import { discovery } from "./discovery.ts";
import { faultInjection } from "./fault-injection.ts";
import type { FaultRegistry } from "./faults.ts";
import { maskParameter, maskText } from "./masking.ts";
import type { Profile } from "./options.ts";
import { ownPagesOnly } from "./own-pages-only.ts";
import { problem } from "./problem.ts";
import { readBody } from "./request-body.ts";
import type { EmulatorEnv } from "./request-context.ts";
import { type RequestLog, repeatables, TOKEN_PATH } from "./request-log.ts";
import type { SigningKey } from "./signing-key.ts";
import { tokenEndpoint } from "./token-endpoint.ts";
import type { TokenRegistry } from "./token-registry.ts";
import { parseTokenRequest } from "./token-request.ts";

/** Every request's way: timed, read, put through the faults, answered. */
export function createRoutes(setup: {
  readonly settings: {
    readonly port: number;
    readonly seed: number;
    readonly profile: Profile;
    readonly tokenUrl: string;
    readonly apiBaseUrl: string;
  };
  /** Of the default client, for the first tenant. */
  readonly env: Readonly<Record<string, string>>;
  readonly tradeShows: TradeShowData;
  readonly clients: ClientRegistry;
  readonly tokens: TokenRegistry;
  readonly signingKey: SigningKey;
  readonly clock: Clock;
  readonly faults: FaultRegistry;
  readonly log: RequestLog;
}): Hono<EmulatorEnv> {
  const { settings, env, tradeShows, clients, tokens, signingKey, clock, faults, log } = setup;
  const { profile, apiBaseUrl, tokenUrl } = settings;
  const routes = new Hono<EmulatorEnv>();
  routes.use(timed, bodyRead, tokenRequestNoted, faultInjection(faults, profile));
  routes.all(TOKEN_PATH, tokenEndpoint({ profile, apiBaseUrl, clients, tokens }));
  routes.route("/", discovery({ issuer: apiBaseUrl, tokenUrl, clients, signingKey }));
  routes.route("/", api({ clock, tradeShows, clients, tokens }));
  for (const path of ["/", "/__emulator/*"]) routes.use(path, ownPagesOnly(settings.port));
  const { tenants } = tradeShows;
  routes.route("/", consolePage({ settings, env, tenants, clients, clock, faults, tokens, log }));
  routes.route("/", control({ settings, tenants, clients, clock, faults, tokens, log }));
  routes.notFound((c) => problem(c, 404, "not_found", "There is nothing at this path."));
  routes.onError((_error, c) => problem(c, 500, "internal_error", "The emulator failed; please report it."));
  return routes;
}

/** Status and duration are in the log before the client can see the answer. */
const timed = createMiddleware<EmulatorEnv>(async (c, next) => {
  const arrived = performance.now();
  await next();
  if (c.res.headers.has("x-hono-already-sent")) return;
  c.env.entry.status = c.res.status;
  c.env.entry.durationMs = performance.now() - arrived;
});

const bodyRead = createMiddleware<EmulatorEnv>(async (c, next) => {
  const read = await readBody(c.env.incoming);
  if ("failed" in read && read.failed === "aborted") return RESPONSE_ALREADY_SENT;
  c.set("body", "text" in read ? read.text : undefined);
  return next();
});

/** What the token request claims goes into the log, whatever comes of it. */
const tokenRequestNoted = createMiddleware<EmulatorEnv>(async (c, next) => {
  const { entry, incoming } = c.env;
  if (entry.kind === "token" && c.var.body !== undefined) {
    const request = parseTokenRequest(c.var.body, incoming.headers.authorization);
    entry.parameters = repeatables([...request.parameters].map(maskParameter));
    entry.clientAuthMethod = request.clientAuthMethod;
    if (request.clientId !== undefined) entry.clientId = maskText(request.clientId);
  }
  return next();
});
