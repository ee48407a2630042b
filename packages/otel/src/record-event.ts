import { type Attributes, SpanStatusCode, trace } from "@opentelemetry/api";
import type { PersonifyEvent } from "@personify-auth/core";
import { type Instruments, instrumentationScope } from "./instruments.ts";
import { knownMethod } from "./known-method.ts";

type TokenRequestEnd = Extract<PersonifyEvent, { type: "token_received" | "token_request_failed" }>;

/** As many as core keeps tokens for. */
const mostKeys = 1_000;

/** What counts each event that is counted. */
const counters = {
  token_shared: "tokenShared",
  token_rejected: "tokenRejections",
  token_refresh_failed: "tokenRefreshFailures",
  store_failed: "storeFailures",
  call_retried: "callRetries",
  call_replayed: "callReplays",
  call_failed: "callFailures",
} as const satisfies Partial<Record<PersonifyEvent["type"], keyof Instruments>>;

/**
 * A listener that counts and measures events. What happens while a call is under way is an event of its span, and a
 * token request a span below it. No attribute holds a tenant, an id or a query.
 */
export function recordEvent(instruments: () => Instruments): (event: PersonifyEvent) => void {
  /** Key id → when its last token was granted, monotonic ms; those that were granted last. */
  const grantedAt = new Map<string, number>();

  function recordTokenRequest(event: TokenRequestEnd, attributes: Attributes): void {
    const { tokenRequestDuration, tokenReplacedAge } = instruments();
    tokenRequestDuration.record(event.duration / 1_000, attributes);
    addTokenSpan(event, attributes);
    if (event.type === "token_request_failed") return;
    const now = performance.now();
    const replaced = grantedAt.get(event.keyId);
    if (replaced !== undefined) tokenReplacedAge.record((now - replaced) / 1_000, attributes);
    grantedAt.delete(event.keyId);
    grantedAt.set(event.keyId, now);
    const [oldest = ""] = grantedAt.keys();
    if (grantedAt.size > mostKeys) grantedAt.delete(oldest);
  }

  return (event) => {
    if (event.type === "token_requested") return;
    const attributes = attributesOf(event);
    if (event.type === "token_received" || event.type === "token_request_failed") {
      recordTokenRequest(event, attributes);
      return;
    }
    instruments()[counters[event.type]].add(1, attributes);
    // A failed call's span has ended, and has told so itself.
    if (event.type !== "call_failed") trace.getActiveSpan()?.addEvent(event.type, attributes);
  };
}

/** The event tells of a request that is over: its span is made in retrospect. */
function addTokenSpan({ type, duration, attempt }: TokenRequestEnd, attributes: Attributes): void {
  const end = Date.now();
  const span = trace.getTracer(instrumentationScope).startSpan("Personify token request", {
    startTime: end - duration,
    attributes: { ...attributes, "personify.attempt": attempt },
  });
  if (type === "token_request_failed") span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(end);
}

/** Names of the semantic conventions where there are any, and values of which there are few. */
function attributesOf(event: PersonifyEvent): Attributes {
  const attributes: Attributes = {};
  const add = (name: string, value: string | number | boolean | undefined) => {
    if (value !== undefined) attributes[name] = value;
  };
  add("personify.key_id", event.keyId);
  if ("method" in event) add("http.request.method", knownMethod(event.method));
  if ("path" in event) add("url.template", event.path);
  if ("status" in event) add("http.response.status_code", event.status);
  if ("code" in event) add("error.type", event.code);
  if ("renewing" in event) add("personify.renewing", event.renewing);
  if ("operation" in event) add("personify.store.operation", event.operation);
  if ("reason" in event) add("personify.store.reason", event.reason);
  return attributes;
}
