import { metrics, propagation, trace } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { MeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createPersonifyClient, optionsFromEnv } from "@personify-auth/core";
import { openTelemetry } from "./open-telemetry.ts";

/** What the SDK saw of one call, and what of it arrived. */
export interface TelemetryOfACall {
  readonly spans: readonly { readonly name: string; readonly traceId: string; readonly spanId: string }[];
  readonly metrics: readonly string[];
  readonly traceparent: unknown;
}

class Reader extends MetricReader {
  protected override async onForceFlush() {}
  protected override async onShutdown() {}
}

/** Registers what of the SDK there is for any runtime, and makes one call. */
export async function telemetryOfACall(env: Readonly<Record<string, string>>): Promise<TelemetryOfACall> {
  const exporter = new InMemorySpanExporter();
  const reader = new Reader();
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const client = createPersonifyClient({ ...optionsFromEnv(env), ...openTelemetry() });
  const { headers } = await client.get<{ headers: Record<string, unknown> }>("/api/v1/whoami", { path: {} });
  const { resourceMetrics } = await reader.collect();
  return {
    spans: exporter.getFinishedSpans().map((span) => {
      const { traceId, spanId } = span.spanContext();
      return { name: span.name, traceId, spanId };
    }),
    metrics: resourceMetrics.scopeMetrics.flatMap((scope) =>
      scope.metrics.map(({ descriptor }) => descriptor.name),
    ),
    traceparent: headers["traceparent"],
  };
}
