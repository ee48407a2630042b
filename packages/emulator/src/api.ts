import { Hono } from "hono";
import { apiAccess } from "./api-access.ts";
import type { ClientRegistry } from "./client-registry.ts";
import type { Clock } from "./clock.ts";
import type { TradeShowData } from "./data/trade-shows.ts";
import { createNoteStore, noteText } from "./note-store.ts";
import { pageOf } from "./page.ts";
import { problem } from "./problem.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import type { TokenRegistry } from "./token-registry.ts";

/** Headers that whoami tells back, besides those that begin with x-. */
const ECHOED = /^(x-.*|traceparent|tracestate|baggage|accept-language|idempotency-key|user-agent)$/;
const EVENT = "/api/v1/exhibitor/event/:eventId";

/** The REST API. Every path under /api/ asks for a token and a tenant, unknown ones too. */
export function api(setup: {
  readonly clock: Clock;
  readonly tradeShows: TradeShowData;
  readonly clients: ClientRegistry;
  readonly tokens: TokenRegistry;
}): Hono<EmulatorEnv> {
  const { clock, tradeShows, clients, tokens } = setup;
  const notes = createNoteStore(clock);
  const routes = new Hono<EmulatorEnv>();
  routes.use("/api/*", apiAccess({ tenants: tradeShows.tenants, clients, tokens }));

  routes.get("/api/v1/whoami", (c) => {
    const { token, tenantId } = c.var.access;
    const echoed = Object.entries(c.env.entry.headers).filter(([name]) => ECHOED.test(name));
    return c.json({
      tenantId,
      clientId: token.clientId,
      scope: token.scope,
      headers: Object.fromEntries(echoed),
    });
  });

  // An event of another tenant is as unknown as one that does not exist.
  routes.use(`${EVENT}/*`, async (c, next) => {
    const tenant = tradeShows.tenants.find(({ id }) => id === c.var.access.tenantId);
    if (tenant?.events.some(({ id }) => id === c.req.param("eventId"))) return next();
    return problem(c, 404, "unknown_event", "The tenant has no such event.");
  });
  const exhibitorsOf = (eventId: string) => tradeShows.exhibitors.get(eventId) ?? [];

  routes.get(EVENT, (c) => paged(c, exhibitorsOf(c.req.param("eventId"))));
  routes.get(`${EVENT}/contactEmail/:email`, (c) => {
    const email = c.req.param("email").toLowerCase();
    const found = exhibitorsOf(c.req.param("eventId")).find((each) => each.contactEmail === email);
    return found === undefined
      ? problem(c, 404, "unknown_contact", "The event has no exhibitor with this contact email.")
      : c.json(found);
  });

  routes.get(`${EVENT}/note`, (c) => paged(c, notes.list(c.req.param("eventId"))));
  routes.post(`${EVENT}/note`, (c) => {
    const text = sentNote(c);
    if (text instanceof Response) return text;
    const note = notes.add(c.req.param("eventId"), text);
    if (note === undefined) return problem(c, 409, "too_many_notes", "The event has no room for more notes.");
    return c.json(note, 201, { location: `${c.env.entry.path}/${note.id}` });
  });
  routes.get(`${EVENT}/note/:noteId`, (c) => {
    const note = notes.find(c.req.param("eventId"), c.req.param("noteId"));
    return note === undefined ? unknownNote(c) : c.json(note);
  });
  routes.put(`${EVENT}/note/:noteId`, (c) => {
    const text = sentNote(c);
    if (text instanceof Response) return text;
    const note = notes.replace(c.req.param("eventId"), c.req.param("noteId"), text);
    return note === undefined ? unknownNote(c) : c.json(note);
  });
  routes.delete(`${EVENT}/note/:noteId`, (c) =>
    notes.remove(c.req.param("eventId"), c.req.param("noteId")) ? c.body(null, 204) : unknownNote(c),
  );

  const onlyFor = (allow: string) => (c: EmulatorContext) =>
    problem(c, 405, "method_not_allowed", `Allowed here: ${allow}.`, { allow });
  routes.all("/api/v1/whoami", onlyFor("GET, HEAD"));
  routes.all(EVENT, onlyFor("GET, HEAD"));
  routes.all(`${EVENT}/contactEmail/:email`, onlyFor("GET, HEAD"));
  routes.all(`${EVENT}/note`, onlyFor("GET, HEAD, POST"));
  routes.all(`${EVENT}/note/:noteId`, onlyFor("GET, HEAD, PUT, DELETE"));
  return routes;
}

function paged(c: EmulatorContext, items: readonly unknown[]): Response {
  const page = pageOf(items, new URL(c.req.url).searchParams);
  return "wrong" in page ? problem(c, 400, "invalid_page", page.wrong) : c.json(page);
}

function sentNote(c: EmulatorContext): string | Response {
  const { body } = c.var;
  if (body === undefined) return problem(c, 413, "body_too_large", "The body is too large.");
  const isJson = /^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "");
  const text = isJson ? noteText(body) : undefined;
  const wanted = 'The body must be application/json: {"text": 1 to 2,000 characters}.';
  return text ?? problem(c, 400, "invalid_body", wanted);
}

function unknownNote(c: EmulatorContext): Response {
  return problem(c, 404, "unknown_note", "The event has no such note.");
}
