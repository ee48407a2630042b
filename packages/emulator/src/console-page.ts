import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Hono } from "hono";
import type { ClientSettings, Clients } from "./client-registry.ts";
import type { Clock } from "./clock.ts";
import { faultAsJson } from "./control.ts";
import type { Tenant } from "./data/trade-shows.ts";
import type { Faults } from "./faults.ts";
import type { Profile } from "./options.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import { CONSOLE_PATH, type LoggedRequest, type RequestLog } from "./request-log.ts";
import type { AliveToken, Tokens } from "./token-registry.ts";

/** What the page asks for once: of all that it asks for, this alone holds a secret. */
export interface ConsoleSetup {
  readonly profile: Profile;
  readonly seed: number;
  readonly tenants: readonly Tenant[];
  /** What an app needs to use this emulator, as environment variables. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What the page asks for each second: it stays small, however much there is. */
export interface ConsoleUpdate {
  /** Another one each time that an emulator starts. */
  readonly run: string;
  /** Epoch milliseconds, and how many of them the clock is ahead of real time. */
  readonly clock: { readonly now: number; readonly ahead: number };
  /** Those that the page named as pending, and those after the last one that it knows, but for the control endpoint's. */
  readonly requests: readonly LoggedRequest[];
  /** Requests before this one are forgotten. */
  readonly oldest: number;
  /** The id of the last request so far. */
  readonly latest: number;
  /** How many are alive, and the newest of them, newest first. */
  readonly tokens: { readonly alive: number; readonly newest: readonly AliveToken[] };
  readonly clients: readonly ClientSettings[];
  readonly faults: readonly Readonly<Record<string, unknown>>[];
}

const MOST_REQUESTS = 1_000;
const MOST_OTHERS = 50;

/** One place for source and build: the folder is beside both. */
const folder = new URL("../console/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The web console at `/`: its files, and what they ask for. What they change goes through the control endpoint. */
export function consolePage(setup: {
  readonly settings: { readonly seed: number; readonly profile: Profile };
  readonly env: Readonly<Record<string, string>>;
  readonly tenants: readonly Tenant[];
  readonly clients: Clients;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly log: RequestLog;
}): Hono<EmulatorEnv> {
  const { settings, env, tenants, clients, clock, faults, tokens, log } = setup;
  const { profile, seed } = settings;
  const run = randomUUID();
  const routes = new Hono<EmulatorEnv>();

  routes.get("/", (c) => sendFile(c, "index.html"));
  routes.get(`${CONSOLE_PATH}/:name{[a-z-]+\\.(css|js|svg)}`, (c) => sendFile(c, c.req.param("name")));
  routes.get(`${CONSOLE_PATH}/setup`, (c) =>
    c.json<ConsoleSetup>({ profile, seed, tenants, variables: env }),
  );
  routes.get(`${CONSOLE_PATH}/updates`, (c) => {
    const now = clock.now();
    const alive = tokens.alive();
    const pending = numbersIn(c.req.query("pending")).slice(0, MOST_OTHERS);
    const requests = [
      ...pending.flatMap((id) => log.find(id) ?? []),
      ...log.since(numbersIn(c.req.query("after"))[0] ?? 0, MOST_REQUESTS),
    ];
    return c.json({
      run,
      clock: { now, ahead: now - Date.now() },
      requests: requests.filter(({ kind }) => kind !== "control"),
      ...log.range(),
      tokens: { alive: alive.length, newest: alive.slice(-MOST_OTHERS).reverse() },
      clients: clients.list().slice(0, MOST_OTHERS),
      faults: faults.list().slice(0, MOST_OTHERS).map(faultAsJson),
    } satisfies ConsoleUpdate);
  });
  return routes;
}

function numbersIn(list = ""): number[] {
  return (list.match(/\d+/g) ?? []).map(Number);
}

async function sendFile(c: EmulatorContext, name: string): Promise<Response> {
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] as string;
  try {
    return c.body(await readFile(new URL(name, folder)), 200, { "content-type": type });
  } catch {
    return c.notFound();
  }
}
