import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createLogger, format, transports } from "winston";
import { emulated, failureOf } from "./client.test.support.ts";
import type { PersonifyEvent } from "./events.ts";
import { logEvents } from "./log-events.ts";

const shared: PersonifyEvent = { type: "token_shared", keyId: "key-1" };
const failed: PersonifyEvent = {
  type: "call_failed",
  keyId: "key-1",
  tenantId: "tenant-1",
  method: "GET",
  path: "/event/{eventId}",
  duration: 12.5,
  status: 404,
  code: "api_error",
};
const lost: PersonifyEvent = {
  type: "token_request_failed",
  keyId: "key-1",
  attempt: 3,
  duration: 80,
  code: "token_request_refused",
  error: "invalid_client",
  retryIn: undefined,
};

/** A stream for a logger, and what was written to it, line by line, as JSON. */
function captured() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split("\n")) lines.push(JSON.parse(line));
      done();
    },
  });
  return { stream, lines };
}

describe("events are logged with a level, a message and their fields", () => {
  test("by pino, and by a child of its logger", () => {
    const { stream, lines } = captured();
    const logger = pino({ level: "debug" }, stream);

    for (const one of [logger, logger.child({ app: "portal" })]) {
      const log = logEvents(one);
      for (const event of [shared, failed, lost]) log(event);
    }

    const expected = [
      { level: 20, msg: "Personify: token shared", ...shared },
      { level: 40, msg: "Personify: call failed", ...failed },
      { level: 50, msg: "Personify: token request failed", ...JSON.parse(JSON.stringify(lost)) },
    ];
    expect(lines).toMatchObject([...expected, ...expected.map((line) => ({ ...line, app: "portal" }))]);
  });

  test("by winston", () => {
    const { stream, lines } = captured();
    const logger = createLogger({
      level: "debug",
      format: format.json(),
      transports: [new transports.Stream({ stream })],
    });

    const log = logEvents(logger);
    for (const event of [shared, failed, lost]) log(event);

    expect(lines).toEqual([
      { level: "debug", message: "Personify: token shared", ...shared },
      { level: "warn", message: "Personify: call failed", ...failed },
      { level: "error", message: "Personify: token request failed", ...JSON.parse(JSON.stringify(lost)) },
    ]);
  });

  test("by the console", () => {
    onTestFinished(() => void vi.restoreAllMocks());
    const debug = vi.spyOn(console, "debug").mockImplementation(() => {});
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});

    const log = logEvents(console);
    for (const event of [shared, failed]) log(event);

    expect(debug.mock.calls).toEqual([["Personify: token shared", shared]]);
    expect(warn.mock.calls).toEqual([["Personify: call failed", failed]]);
  });
});

test("a client logs its own trouble", async () => {
  const { emulator, client } = await emulated();
  emulator.faults.add({ on: "token", kind: "status", status: 400 });
  const { stream, lines } = captured();

  await failureOf(client({ onEvent: logEvents(pino(stream)) }).get("/api/v1/whoami"));

  expect(lines.map(({ msg }) => msg)).toEqual(["Personify: token request failed", "Personify: call failed"]);
});
