import {
  type Attributes,
  context,
  diag,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { AroundCall, CallDescription } from "@personify-auth/core";
import { type Instruments, instrumentationScope } from "./instruments.ts";
import { knownMethod } from "./known-method.ts";

/** Runs each call in a span, sends the span's context along where nobody else does, and measures how long it took. */
export function createAroundCall(instruments: () => Instruments): AroundCall {
  return async (call, send) => {
    const observation = harmless(() => observe(call, instruments));
    const outcome: Attributes = {};
    try {
      const answer = await (observation === undefined
        ? send()
        : context.with(observation.inSpan, () => send(observation.headers)));
      outcome["http.response.status_code"] = answer.status;
      if (answer.status >= 400) outcome["error.type"] = String(answer.status);
      return answer;
    } catch (error) {
      outcome["error.type"] = errorTypeOf(error);
      throw error;
    } finally {
      harmless(() => observation?.end(outcome));
    }
  };
}

/** A span processor of the app that throws does not fail a call, whose answer would be lost. */
function harmless<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    diag.error(instrumentationScope, error);
    return undefined;
  }
}

function observe({ method, origin, path }: CallDescription, instruments: () => Instruments) {
  const areTraced = requestsAreTraced();
  const name = knownMethod(method);
  const attributes: Attributes = { "http.request.method": name, ...serverOf(origin) };
  if (path !== undefined) attributes["url.template"] = path;
  const span = trace
    .getTracer(instrumentationScope)
    .startSpan(path === undefined ? name : `${name} ${path}`, {
      // Below it is then one of kind client for each request on the wire.
      kind: areTraced ? SpanKind.INTERNAL : SpanKind.CLIENT,
      attributes,
    });
  const inSpan = trace.setSpan(context.active(), span);
  const headers: Record<string, string> = {};
  if (!areTraced) propagation.inject(inSpan, headers);
  const startedAt = performance.now();
  const end = (outcome: Attributes) => {
    const duration = (performance.now() - startedAt) / 1_000;
    instruments().callDuration.record(duration, { ...attributes, ...outcome });
    span.setAttributes(outcome);
    if (outcome["error.type"] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
  return { inSpan, headers, end };
}

/**
 * Whether something traces requests on the wire, and adds a traceparent without looking for another: servers take a
 * request with two for one with none. What does listens to undici's diagnostics channel, or is Deno with its telemetry on.
 */
function requestsAreTraced(): boolean {
  const { Deno, process } = globalThis as typeof globalThis & { Deno?: { telemetry?: DenoTelemetry } };
  const channels = process?.getBuiltinModule?.("node:diagnostics_channel");
  return (
    channels?.hasSubscribers("undici:request:create") ||
    (Deno?.telemetry !== undefined && trace.getTracerProvider() === Deno.telemetry.tracerProvider)
  );
}

interface DenoTelemetry {
  readonly tracerProvider: unknown;
}

function serverOf(origin: string): Attributes {
  const { protocol, hostname, port } = new URL(origin);
  const defaultPort = protocol === "https:" ? 443 : 80;
  return { "server.address": hostname, "server.port": port === "" ? defaultPort : Number(port) };
}

/** What core marks its errors with, whichever copy of it made them. */
const brand = Symbol.for("@personify-auth/core/error");

/** A code of ours, or the name of what a caller aborted with. Never a message: it may hold a path. */
function errorTypeOf(error: unknown): string {
  const { name, code, [brand]: isOurs } = Object(error) as Partial<Record<string | symbol, unknown>>;
  if (isOurs) return String(code);
  return typeof name === "string" ? name : "_OTHER";
}
