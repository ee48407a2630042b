import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { PrometheusExporter, PrometheusSerializer } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, type MetricData } from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { onTestFinished } from "vitest";

/** The SDK as an app registers it, with what it has seen. */
export interface Sdk {
  /** Spans that have ended, in that order. */
  spans(): ReadableSpan[];
  /** Data of each metric, by its name. */
  metrics(): Promise<Map<string, MetricData>>;
  /** What Prometheus would scrape. */
  exposition(): Promise<string>;
}

/** Registers the real SDK for one test, with processors of spans besides its own. */
export function registerSdk(...processors: SpanProcessor[]): Sdk {
  const exporter = new InMemorySpanExporter();
  const reader = new PrometheusExporter({ preventServerStart: true });
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [...processors, new SimpleSpanProcessor({ exporter })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    for (const api of [trace, metrics, context, propagation]) api.disable();
  });
  const collect = async () => (await reader.collect()).resourceMetrics;
  return {
    spans: () => exporter.getFinishedSpans(),
    async metrics() {
      const { scopeMetrics } = await collect();
      return new Map(scopeMetrics.flatMap((one) => one.metrics).map((one) => [one.descriptor.name, one]));
    },
    exposition: async () => new PrometheusSerializer().serialize(await collect()),
  };
}
