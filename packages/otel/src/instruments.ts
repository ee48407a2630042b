import { metrics } from "@opentelemetry/api";

/** The name under which metrics and spans appear. */
export const instrumentationScope = "@personify-auth/otel";

/** The boundaries of http.client.request.duration in the semantic conventions. */
const durations = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const ages = [1, 10, 60, 300, 900, 1_800, 2_700, 3_600, 7_200, 14_400, 43_200, 86_400];

export type Instruments = ReturnType<typeof createInstruments>;

/** What is measured, on the meter provider of now. Durations and ages are in s, as OpenTelemetry wants them. */
export function createInstruments() {
  const meter = metrics.getMeter(instrumentationScope);
  const histogram = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries } });
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit: `{${unit}}`, description });
  return {
    callDuration: histogram(
      "personify.call.duration",
      "Calls of the API, each with its token, retries and replay.",
      durations,
    ),
    callFailures: counter("personify.call.failures", "call", "Calls that rejected."),
    callRetries: counter("personify.call.retries", "retry", "Calls sent again after a passing failure."),
    callReplays: counter(
      "personify.call.replays",
      "replay",
      "Calls sent again with a new token after a 401.",
    ),
    tokenRequestDuration: histogram(
      "personify.token.request.duration",
      "Requests to the token endpoint.",
      durations,
    ),
    tokenReplacedAge: histogram(
      "personify.token.replaced.age",
      "How long after its grant a token was replaced by the next.",
      ages,
    ),
    tokenShared: counter("personify.token.shared", "token", "Tokens taken from the token store."),
    tokenRejections: counter(
      "personify.token.rejections",
      "token",
      "Tokens that the API answered with a 401.",
    ),
    tokenRefreshFailures: counter(
      "personify.token.refresh.failures",
      "refresh",
      "Refreshes ahead of expiry that failed, while the stale token was served.",
    ),
    storeFailures: counter(
      "personify.store.failures",
      "failure",
      "Trouble of the token store, the same told once in 60 s.",
    ),
  };
}
