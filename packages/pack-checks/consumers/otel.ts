import {
  type AroundCall,
  createPersonifyClient,
  optionsFromEnv,
  type PersonifyEvent,
} from "@personify-auth/core";
import { openTelemetry } from "@personify-auth/otel";
import { expectTypeOf } from "expect-type";

const telemetry = openTelemetry();
expectTypeOf(telemetry.aroundCall).toEqualTypeOf<AroundCall>();
expectTypeOf(telemetry.onEvent).toEqualTypeOf<(event: PersonifyEvent) => void>();

createPersonifyClient({ ...optionsFromEnv(process.env), ...telemetry });
createPersonifyClient({
  ...optionsFromEnv(process.env),
  ...telemetry,
  onEvent(event) {
    expectTypeOf(event).toEqualTypeOf<PersonifyEvent>();
    telemetry.onEvent(event);
  },
});
// @ts-expect-error it has no options
openTelemetry({});
