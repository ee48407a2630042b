import { type Attributes, context, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { AroundCall } from "@personify-auth/core";
import { type Instruments, instrumentationScope } from "./instruments.ts";

/** Runs each call in a span, sends the span's context along where nobody else does, and measures how long it took. */
export function createAroundCall(instruments: () => Instruments): AroundCall {
  return async ({ method, origin, path }, send) => {
    const isInstrumented = undiciIsInstrumented();
    const attributes: Attributes = { "http.request.method": method, ...serverOf(origin) };
    if (path !== undefined) attributes["url.template"] = path;
    const span = trace
      .getTracer(instrumentationScope)
      .startSpan(path === undefined ? method : `${method} ${path}`, {
        // Below it undici's instrumentation has one of kind client for each request on the wire.
        kind: isInstrumented ? SpanKind.INTERNAL : SpanKind.CLIENT,
        attributes,
      });
    const inSpan = trace.setSpan(context.active(), span);
    const headers: Record<string, string> = {};
    if (!isInstrumented) propagation.inject(inSpan, headers);
    const startedAt = performance.now();
    const outcome: Attributes = {};
    try {
      const answer = await context.with(inSpan, () => send(headers));
      outcome["http.response.status_code"] = answer.status;
      if (answer.status >= 400) outcome["error.type"] = String(answer.status);
      return answer;
    } catch (error) {
      outcome["error.type"] = errorTypeOf(error);
      throw error;
    } finally {
      span.setAttributes(outcome);
      if (outcome["error.type"] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
      instruments().callDuration.record((performance.now() - startedAt) / 1_000, {
        ...attributes,
        ...outcome,
      });
    }
  };
}

/**
 * Whether something listens to undici's diagnostics channel, as its instrumentation does. That one adds a traceparent
 * without looking for another, and servers take a request with two for one with none.
 */
function undiciIsInstrumented(): boolean {
  const channels = globalThis.process?.getBuiltinModule?.("node:diagnostics_channel");
  return channels?.hasSubscribers("undici:request:create") ?? false;
}

function serverOf(origin: string): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  const defaultPort = protocol === "https:" ? 443 : 80;
  return { "server.address": hostname, "server.port": port === "" ? defaultPort : Number(port) };
}

/** A code of ours, or the name of what a caller aborted with. Never a message: it may hold a path. */
function errorTypeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (typeof code === "string") return code;
  return typeof name === "string" ? name : "_OTHER";
}
