import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createPersonifyClient, type PersonifyClientOptions } from "@personify-auth/core";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { emulated, letEverythingHappen, secretive, template } from "./everything.test.support.ts";
import { openTelemetry } from "./open-telemetry.ts";
import { registerSdk } from "./sdk.test.support.ts";

const whoami = "/api/v1/whoami";

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.find((span) => span.name === name);
  if (found === undefined) throw new Error(`No span ${name}, but ${spans.map((span) => span.name)}`);
  return found;
}

/** A token endpoint and API that answer 401 once, with the values of each request's traceparent headers. */
async function startApi() {
  const traceparents: string[][] = [];
  let calls = 0;
  const server = createServer(({ url, rawHeaders }, response) => {
    response.setHeader("content-type", "application/json");
    if (url === "/connect/token") {
      return void response.end(JSON.stringify({ access_token: `access-token-${calls}`, expires_in: 3_600 }));
    }
    traceparents.push(rawHeaders.filter((_, at) => rawHeaders[at - 1]?.toLowerCase() === "traceparent"));
    response.statusCode = ++calls === 1 ? 401 : 200;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close().closeAllConnections());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = (changes: Partial<PersonifyClientOptions> = {}) =>
    createPersonifyClient({
      clientId: "the-client",
      clientSecret: "the-secret-4711",
      tenantId: "the-tenant",
      tokenUrl: `${url}/connect/token`,
      apiBaseUrl: url,
      allowInsecureHttp: "loopback",
      ...openTelemetry(),
      ...changes,
    });
  return { traceparents, client };
}

function instrumentUndici(): void {
  const instrumentation = new UndiciInstrumentation();
  instrumentation.enable();
  onTestFinished(() => instrumentation.disable());
}

describe("a call", () => {
  test("is a span named by method and template, below that of its caller", async () => {
    const sdk = registerSdk();
    const { emulator, options } = await emulated();
    const client = createPersonifyClient(options);
    const eventId = emulator.tenants[0]?.events[0]?.id ?? "";
    const page = trace.getTracer("app").startSpan("page");

    await context.with(trace.setSpan(context.active(), page), () =>
      client.get("/api/v1/exhibitor/event/{eventId}", { path: { eventId }, query: { Page: 2 } }),
    );

    const span = named(sdk.spans(), "GET /api/v1/exhibitor/event/{eventId}");
    expect(span.parentSpanContext?.spanId).toBe(page.spanContext().spanId);
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      "http.request.method": "GET",
      "url.template": "/api/v1/exhibitor/event/{eventId}",
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(emulator.apiBaseUrl).port),
      "http.response.status_code": 200,
    });
  });

  test("has its token request below it, and tells of its rejection, replay and retry", async () => {
    const sdk = registerSdk();
    const { emulator, options } = await emulated();
    emulator.faults.add({ on: "api", kind: "reject-token" });
    emulator.faults.add({ on: "api", kind: "status", status: 503, retryAfter: 0 });

    await createPersonifyClient(options).get(whoami, { path: {} });

    const call = named(sdk.spans(), `GET ${whoami}`);
    expect(call.events.map(({ name }) => name)).toEqual(["token_rejected", "call_replayed", "call_retried"]);
    const tokens = sdk.spans().filter(({ name }) => name === "Personify token request");
    expect(tokens.map((span) => span.parentSpanContext?.spanId)).toEqual(
      [call, call].map((span) => span.spanContext().spanId),
    );
    expect(tokens[0]?.attributes).toEqual({
      "personify.key_id": expect.stringMatching(/^[\w-]{43}$/),
      "personify.attempt": 1,
    });
  });

  test.each<[string, Partial<PersonifyClientOptions>, signal: boolean, errorType: string]>([
    ["an error of the API", {}, false, "404"],
    ["no token", { clientSecret: "a-wrong-secret-4711" }, false, "token_request_refused"],
    ["no time left", { timeout: { request: 20 } }, false, "request_timeout"],
    ["no caller left", {}, true, "TimeoutError"],
  ])("that ends with %s is a failed span with the cause's code", async (_how, changes, signal, errorType) => {
    const sdk = registerSdk();
    const { emulator, options } = await emulated();
    if (/imeout/.test(errorType)) emulator.faults.add({ on: "api", kind: "stall" });

    const client = createPersonifyClient({ ...options, ...changes });
    // A request for a token that outlived its call would show in the next test.
    await client.getAccessToken().catch(() => {});
    await client
      .get(template, { path: { id: "1" }, signal: signal ? AbortSignal.timeout(50) : undefined })
      .catch(() => {});

    const span = named(sdk.spans(), `GET ${template}`);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span.attributes["error.type"]).toBe(errorType);
  });

  test("and its requests have the trace of its own caller, where many are under way at once", async () => {
    const sdk = registerSdk();
    const { traceparents, client } = await startApi();
    const shared = client();
    const tracer = trace.getTracer("app");

    const pages = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const page = tracer.startSpan(`page ${at}`);
        await context.with(trace.setSpan(context.active(), page), () =>
          shared.get(template, { path: { id: String(at) } }),
        );
        return page.spanContext();
      }),
    );

    const calls = sdk.spans().filter(({ name }) => name === `GET ${template}`);
    expect(calls.map((span) => span.parentSpanContext?.spanId).sort()).toEqual(
      pages.map(({ spanId }) => spanId).sort(),
    );
    const sent = new Set(traceparents.flat().map((value) => value.slice(3, -3)));
    expect(sent).toEqual(
      new Set(calls.map((span) => `${span.spanContext().traceId}-${span.spanContext().spanId}`)),
    );
    const ids = calls.map((span) => span.spanContext().spanId);
    const below = sdk
      .spans()
      .filter(({ parentSpanContext }) => ids.includes(parentSpanContext?.spanId ?? ""));
    expect(below.map(({ name }) => name)).toEqual(["Personify token request", "Personify token request"]);
  });

  test.each(["onStart", "onEnd"])("is not failed by a span processor whose %s throws", async (name) => {
    registerSdk({
      onStart() {},
      onEnd() {},
      [name]: () => {
        throw new Error("A fault of the processor");
      },
      shutdown: async () => {},
      forceFlush: async () => {},
    });
    const { options } = await emulated();

    expect(await createPersonifyClient(options).get(whoami)).toMatchObject({ tenantId: options.tenantId });
  });

  test("of a method, or ended by an error, that is anyone's own makes no label of it", async () => {
    const sdk = registerSdk();
    const { emulator, options } = await emulated();
    const client = createPersonifyClient(options);
    await client.request("MADE-UP-4711", whoami).catch(() => {});
    emulator.faults.add({ on: "api", kind: "stall" });
    const reason = Object.assign(new Error("of a caller"), { code: "code-4711" });
    const stop = new AbortController();
    const stopped = client.get(whoami, { signal: stop.signal }).catch(() => {});
    await vi.waitFor(() => expect(emulator.faults.list()).toEqual([]), { timeout: 15_000 });
    stop.abort(reason);
    await stopped;

    const labels = await sdk.exposition();
    expect(labels).not.toContain("4711");
    expect(labels).toContain('http_request_method="_OTHER"');
    expect(JSON.stringify(sdk.spans().map(({ name, attributes }) => [name, attributes]))).not.toContain(
      "4711",
    );
  });

  test("without path values is named by its method: the path may hold ids", async () => {
    const sdk = registerSdk();
    const { options } = await emulated();

    await createPersonifyClient(options).get(whoami);

    expect(named(sdk.spans(), "GET").attributes).not.toHaveProperty("url.template");
  });

  test("is seen where the SDK is registered after its client was made", async () => {
    const { options } = await emulated();
    const client = createPersonifyClient(options);
    const sdk = registerSdk();

    await client.get(whoami);

    expect(sdk.spans()).toHaveLength(2);
    expect([...(await sdk.metrics()).keys()]).toContain("personify.call.duration");
  });

  test("works where no SDK is registered", async () => {
    const { options } = await emulated();

    expect(await createPersonifyClient(options).get(whoami)).toMatchObject({ tenantId: options.tenantId });
  });
});

test("no span or metric holds an id, a query, a tenant, a client id or a message", async () => {
  const sdk = registerSdk();
  await letEverythingHappen();

  const told = sdk
    .spans()
    .map(({ name, attributes, events, status, links }) =>
      JSON.stringify({ name, attributes, events, status, links }),
    );
  const all = [...told, await sdk.exposition()].join("\n");
  expect(told.length).toBeGreaterThan(5);
  const { options } = await emulated();
  const hidden = [
    secretive.id,
    secretive.query,
    String(options.tenantId),
    options.clientId,
    "The API answered",
  ];
  for (const text of hidden) expect(all).not.toContain(text);
});

describe("traceparent goes out once", () => {
  const ways = ["get", "fetch", "get over fetch"] as const;
  const send = async (client: Awaited<ReturnType<typeof startApi>>["client"], way: (typeof ways)[number]) => {
    if (way === "fetch") await client().fetch("/a");
    else await client(way === "get" ? {} : { fetch }).get("/a", { path: {} });
  };

  test.each(ways)("with the call's span: %s", async (way) => {
    const sdk = registerSdk();
    const { traceparents, client } = await startApi();

    await send(client, way);

    const call = named(sdk.spans(), way === "fetch" ? "GET" : "GET /a");
    const { traceId, spanId } = call.spanContext();
    const expected = [`00-${traceId}-${spanId}-01`];
    expect(traceparents).toEqual([expected, expected]);
  });

  test.each(ways)("beside undici's instrumentation, with its spans below the call's: %s", async (way) => {
    instrumentUndici();
    const sdk = registerSdk();
    const { traceparents, client } = await startApi();

    await send(client, way);

    const spans = sdk.spans().filter(({ attributes }) => attributes["http.request.method"] === "GET");
    const call = spans.find(({ kind }) => kind === SpanKind.INTERNAL);
    const onTheWire = spans.filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(onTheWire.map((span) => span.parentSpanContext?.spanId)).toEqual(
      [call, call].map((span) => span?.spanContext().spanId),
    );
    expect(traceparents).toEqual(
      onTheWire.map((span) => [`00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`]),
    );
  });
});

describe("metrics", () => {
  test("of all that happens are these, for Prometheus", async () => {
    const sdk = registerSdk();
    await letEverythingHappen();

    const families = [...(await sdk.exposition()).matchAll(/^# TYPE (personify_\w+) (\w+)$/gm)];
    expect(Object.fromEntries(families.map(([, name, type]) => [name, type]))).toEqual({
      personify_call_duration: "histogram",
      personify_call_failures_total: "counter",
      personify_call_replays_total: "counter",
      personify_call_retries_total: "counter",
      personify_store_failures_total: "counter",
      personify_token_refresh_failures_total: "counter",
      personify_token_rejections_total: "counter",
      personify_token_replaced_age: "histogram",
      personify_token_request_duration: "histogram",
      personify_token_shared_total: "counter",
    });
  });

  test("count calls, token requests and failures, by few and known attributes", async () => {
    const sdk = registerSdk();
    await letEverythingHappen();

    const lines = (await sdk.exposition())
      .replace(/,?otel_scope_\w+="[^"]*"/g, "")
      .replace(/personify_key_id="[^"]*"/g, 'key_id="…"')
      .replace(/server_port="\d+"/g, 'server_port="…"')
      .split("\n")
      .filter((line) => /^personify_\w+_(total|count)\{/.test(line));
    expect(lines.sort()).toMatchInlineSnapshot(`
      [
        "personify_call_duration_count{http_request_method="GET",server_address="127.0.0.1",server_port="…",http_response_status_code="404",error_type="404"} 1",
        "personify_call_duration_count{http_request_method="GET",server_address="127.0.0.1",server_port="…",url_template="/api/v1/nowhere/{id}",http_response_status_code="404",error_type="404"} 1",
        "personify_call_duration_count{http_request_method="GET",server_address="127.0.0.1",server_port="…",url_template="/api/v1/whoami",http_response_status_code="200"} 1",
        "personify_call_failures_total{key_id="…",http_request_method="GET",http_response_status_code="404",error_type="api_error"} 1",
        "personify_call_failures_total{key_id="…",http_request_method="GET",url_template="/api/v1/nowhere/{id}",http_response_status_code="404",error_type="api_error"} 1",
        "personify_call_replays_total{key_id="…",http_request_method="GET"} 1",
        "personify_call_retries_total{key_id="…",http_request_method="GET",http_response_status_code="503"} 1",
        "personify_store_failures_total{key_id="…",personify_store_operation="get",personify_store_reason="error"} 1",
        "personify_token_refresh_failures_total{key_id="…",error_type="token_request_refused"} 1",
        "personify_token_rejections_total{key_id="…",personify_renewing="true"} 1",
        "personify_token_replaced_age_count{key_id="…"} 2",
        "personify_token_request_duration_count{key_id="…",error_type="token_endpoint_unavailable"} 1",
        "personify_token_request_duration_count{key_id="…",error_type="token_request_refused"} 1",
        "personify_token_request_duration_count{key_id="…"} 3",
        "personify_token_shared_total{key_id="…"} 1",
      ]
    `);
  });

  test("keep in mind the last tokens of a thousand credential sets", async () => {
    const sdk = registerSdk();
    const { onEvent } = openTelemetry();
    const grant = (keyId: string) =>
      onEvent({
        type: "token_received",
        keyId,
        attempt: 1,
        duration: 1,
        lifetime: 1,
        scope: "",
        narrowed: false,
      });
    grant("first");
    for (let at = 0; at < 1_000; at++) grant(`key-${at}`);
    grant("first");
    expect((await sdk.metrics()).has("personify.token.replaced.age")).toBe(false);
    grant("key-999");
    expect((await sdk.metrics()).has("personify.token.replaced.age")).toBe(true);
  });

  test("tell how old a token was as it was replaced, in s", async () => {
    const sdk = registerSdk();
    const { onEvent } = openTelemetry();
    const granted = { keyId: "key-1", attempt: 1, duration: 40, lifetime: 3_600_000, scope: undefined };

    onEvent({ type: "token_received", ...granted, narrowed: false });
    await new Promise((resolve) => setTimeout(resolve, 30));
    onEvent({ type: "token_received", ...granted, narrowed: false });

    const all = await sdk.metrics();
    const values = (name: string) =>
      all.get(name)?.dataPoints.map(({ value }) => value) as { count: number; sum: number }[];
    expect(values("personify.token.request.duration")).toMatchObject([{ count: 2, sum: 0.08 }]);
    const [age] = values("personify.token.replaced.age");
    expect(age?.count).toBe(1);
    expect(age?.sum).toBeGreaterThan(0.02);
    expect(age?.sum).toBeLessThan(20);
  });
});
