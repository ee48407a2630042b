import type { AroundCall, PersonifyEvent } from "@personify-auth/core";
import { createAroundCall } from "./around-call.ts";
import { createInstruments, type Instruments } from "./instruments.ts";
import { recordEvent } from "./record-event.ts";

/**
 * Options that make a client tell OpenTelemetry what it does, in metrics and spans:
 * `createPersonifyClient({ ...options, ...openTelemetry() })`. Uses the SDK that the app has registered by the first
 * call; without one it does nothing.
 */
export function openTelemetry(): { onEvent: (event: PersonifyEvent) => void; aroundCall: AroundCall } {
  let made: Instruments | undefined;
  // Instruments that were made before the SDK was registered would never record anything.
  const instruments = () => (made ??= createInstruments());
  return { onEvent: recordEvent(instruments), aroundCall: createAroundCall(instruments) };
}
