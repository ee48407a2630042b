import type { PersonifyEvent } from "./events.ts";

type Level = "debug" | "info" | "warn" | "error";
type Fields = Readonly<Record<string, unknown>>;

/** The console, or a logger of pino or winston, as far as it matters here. */
export type EventLogger =
  | Readonly<Record<Level, (message: string, fields: Fields) => unknown>>
  | (Readonly<Record<Level, (fields: Fields, message: string) => unknown>> & {
      /** What tells pino's loggers, which take the fields first. */
      bindings(): unknown;
    });

const levels: Readonly<Record<PersonifyEvent["type"], Level>> = {
  token_requested: "debug",
  token_received: "info",
  token_shared: "debug",
  token_rejected: "warn",
  token_request_failed: "error",
  token_refresh_failed: "warn",
  store_failed: "warn",
  call_retried: "warn",
  call_replayed: "info",
  call_failed: "warn",
};

/**
 * A listener for `onEvent` that logs: `onEvent: logEvents(console)`, or a logger of pino or winston. The message names
 * what happened, the fields are those of the event. Failed token requests are errors; whatever else went wrong, calls
 * that failed among it, is a warning; tokens and replays are information, and the rest is for debugging.
 */
export function logEvents(logger: EventLogger): (event: PersonifyEvent) => void {
  return (event) => {
    const level = levels[event.type];
    const message = `Personify: ${event.type.replaceAll("_", " ")}`;
    if ("bindings" in logger) logger[level](event, message);
    else logger[level](message, event);
  };
}
