import { context, type HrTime, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

/** Registers the OpenTelemetry SDK as an app does, but for exporters that keep what they get. */
export function startTelemetry() {
  const exporter = new InMemorySpanExporter();
  const reader = new PrometheusExporter({ preventServerStart: true });
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return {
    /** The metrics as Prometheus sees them, without the buckets and what is the same on each line. */
    async metrics(): Promise<string[]> {
      const { resourceMetrics } = await reader.collect();
      return new PrometheusSerializer()
        .serialize(resourceMetrics)
        .split("\n")
        .filter((line) => line.startsWith("personify_") && !line.includes("_bucket{"))
        .map((line) => line.replace(/,?(otel_scope_|server_)\w+="[^"]*"/g, "").replace(/,?}/, "}"));
    },
    /** The trace of a call whose token was rejected, line by line. */
    trace(): string[] {
      const spans = exporter.getFinishedSpans();
      const rejected = (span: ReadableSpan) => span.events.some(({ name }) => name === "token_rejected");
      const root = spans.find(rejected);
      return root === undefined ? [] : tree(root, spans, root.startTime);
    },
  };
}

/** A span, and below it its events and children as they came. */
function tree(span: ReadableSpan, spans: readonly ReadableSpan[], origin: HrTime): string[] {
  const { spanId, traceId } = span.spanContext();
  const status = span.attributes["http.response.status_code"] ?? span.attributes["error.type"] ?? "";
  const children = spans
    .filter((other) => other.parentSpanContext?.spanId === spanId && other.spanContext().traceId === traceId)
    .map((child) => ({ at: child.startTime, lines: tree(child, spans, origin) }));
  const events = span.events.map(({ name, time }) => ({
    at: time,
    lines: [line(`· ${name}`, time, origin)],
  }));
  const below = [...children, ...events].sort((a, b) => ms(a.at) - ms(b.at)).flatMap(({ lines }) => lines);
  const own = `${line(span.name, span.startTime, origin)}, took ${ms(span.duration).toFixed(1)} ms ${status}`;
  return [own.trimEnd(), ...below.map((text) => `  ${text}`)];
}

function line(name: string, at: HrTime, origin: HrTime): string {
  return `${name} at ${(ms(at) - ms(origin)).toFixed(1)} ms`;
}

function ms([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
