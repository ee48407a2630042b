import type { ServerResponse } from "node:http";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { createMiddleware } from "hono/factory";
import type { FaultRegistry } from "./faults.ts";
import type { Profile } from "./options.ts";
import { problem } from "./problem.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import { tokenJson } from "./token-answer.ts";

const PAGE =
  "<!doctype html><html><head><title>Please sign in</title></head><body>Please sign in.</body></html>\n";
const BODILESS = [204, 205, 304];

/** Puts the planned faults between a token or API request, once it was read, and its answer. */
export function faultInjection(faults: FaultRegistry, profile: Profile) {
  return createMiddleware<EmulatorEnv>(async (c, next) => {
    const { entry, incoming, outgoing } = c.env;
    if (entry.kind !== "token" && entry.kind !== "api") return next();
    const { latencyMs, fault } = faults.take({ on: entry.kind, method: entry.method, path: entry.path });
    const kind = fault?.kind ?? (latencyMs === undefined ? undefined : "latency");
    if (kind !== undefined) entry.fault = kind;
    if (latencyMs !== undefined && (await hasLeft(outgoing, latencyMs))) return RESPONSE_ALREADY_SENT;
    switch (fault?.kind) {
      case "status": {
        const { status, retryAfter, body, headers } = fault;
        const wait = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
        return answer(c, status, body, { ...wait, ...headers });
      }
      case "reset":
        incoming.socket.resetAndDestroy();
        return RESPONSE_ALREADY_SENT;
      case "html":
        return new Response(PAGE, { headers: { "content-type": "text/html; charset=utf-8" } });
      case "redirect":
        return new Response(null, { status: fault.status ?? 302, headers: { location: fault.location } });
      case "token-response": {
        const { status = 200, body, headers } = fault;
        return tokenJson(profile, status, BODILESS.includes(status) ? undefined : body, headers);
      }
      case "stall":
        if (fault.before === "headers") return RESPONSE_ALREADY_SENT;
        await next();
        await sendHalf(c);
        break;
      case "truncate":
        await next();
        await sendHalf(c);
        incoming.socket.destroySoon();
        break;
      case "reject-token":
        c.set("rejectToken", true);
        return next();
      default:
        return next();
    }
    // Hono merges headers into a second response; the first one has gone out already.
    c.res = undefined;
    c.res = RESPONSE_ALREADY_SENT;
    return;
  });
}

/** Waits, and tells early when the connection closed meanwhile. */
function hasLeft(outgoing: ServerResponse, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      outgoing.off("close", onClose);
      resolve(false);
    }, ms);
    const onClose = () => {
      clearTimeout(timer);
      resolve(true);
    };
    outgoing.once("close", onClose);
  });
}

function answer(
  c: EmulatorContext,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Response {
  if (BODILESS.includes(status)) return new Response(null, { status, headers });
  if (body === undefined) return problem(c, status, "fault", "The emulator was told to answer so.", headers);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/json";
  return new Response(text, { status, headers: { "content-type": type, ...headers } });
}

/** Sends the real answer's headers, with its full length, and the first half of its body. */
async function sendHalf(c: EmulatorContext): Promise<void> {
  const { entry, outgoing } = c.env;
  const { status, headers } = c.res;
  const body = Buffer.from(await c.res.arrayBuffer());
  entry.status = status;
  const length = String(Math.max(body.length, 1));
  outgoing.writeHead(status, { ...Object.fromEntries(headers), "content-length": length });
  outgoing.flushHeaders();
  const half = body.subarray(0, body.length >> 1);
  if (half.length > 0) await new Promise<void>((resolve) => outgoing.write(half, () => resolve()));
}
