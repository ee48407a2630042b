import { Hono } from "hono";
import type { Clients } from "./client-registry.ts";
import type { Clock } from "./clock.ts";
import type { Tenant } from "./data/trade-shows.ts";
import type { ActiveFault, Faults } from "./faults.ts";
import { isRecord } from "./invalid-argument.ts";
import { LARGEST_BODY } from "./request-body.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import type { RequestFilter, RequestLog } from "./request-log.ts";
import type { Tokens } from "./token-registry.ts";

/** The control endpoint under /__emulator/: JSON in and out, 400 with what is wrong. */
export function control(setup: {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tenants: readonly Tenant[];
  readonly clients: Clients;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly tokens: Tokens;
  readonly log: RequestLog;
}): Hono<EmulatorEnv> {
  const { settings, tenants, clients, clock, faults, tokens, log } = setup;
  const routes = new Hono<EmulatorEnv>().basePath("/__emulator");

  routes.get("/state", (c) =>
    c.json({
      settings,
      tenants,
      clients: clients.list(),
      clock: { now: clock.now() },
      faults: faults.list().map(faultAsJson),
      tokens: tokens.alive(),
    }),
  );
  routes.post("/faults", (c) => {
    const { times, ...fault } = sentObject(c);
    const given = times === undefined ? {} : { times: times === "always" ? Infinity : times };
    faults.add({ ...fault, ...given } as Parameters<Faults["add"]>[0]);
    return c.json({ faults: faults.list().map(faultAsJson) }, 201);
  });
  routes.delete("/faults", (c) => {
    faults.clear();
    return c.body(null, 204);
  });
  routes.post("/clock", (c) => {
    const { advance, ...rest } = sentObject(c);
    if (Object.keys(rest).length > 0) throw new TypeError("the body must have no member but advance");
    clock.advance(advance as number);
    return c.json({ now: clock.now() });
  });
  routes.post("/tokens/revoke", (c) => c.json({ revoked: tokens.revoke(sentObject(c)) }));
  routes.get("/requests", (c) => c.json({ requests: log.list(filterOf(c)) }));
  routes.delete("/requests", (c) => {
    log.clear();
    return c.body(null, 204);
  });

  // The registries refuse bad input with a TypeError that says what is wrong.
  routes.onError((error, c) =>
    error instanceof TypeError
      ? c.json({ error: error.message }, 400)
      : c.json({ error: "internal error" }, 500),
  );
  return routes;
}

/** The JSON object sent. A web page cannot send this content type across origins unasked. */
function sentObject(c: EmulatorContext): Record<string, unknown> {
  if (!/^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "")) {
    throw new TypeError("the content type must be application/json");
  }
  const { body } = c.var;
  if (body === undefined) throw new TypeError(`the body must be at most ${LARGEST_BODY / 1024} KiB`);
  let sent: unknown;
  try {
    sent = JSON.parse(body);
  } catch {
    throw new TypeError("the body must be JSON");
  }
  if (!isRecord(sent)) throw new TypeError("the body must be a JSON object");
  return sent;
}

function filterOf(c: EmulatorContext): RequestFilter {
  const { status, ...texts } = c.req.query();
  return status === undefined ? texts : { ...texts, status: Number(status) };
}

/** JSON has no Infinity. */
export function faultAsJson(fault: ActiveFault): Record<string, unknown> {
  const always = (count: number | undefined) => (count === Infinity ? "always" : count);
  return { ...fault, times: always(fault.times), remaining: always(fault.remaining) };
}
