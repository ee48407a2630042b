import { setImmediate } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test, vi } from "vitest";
import { createEmit, type PersonifyEvent } from "./events.ts";

const event: PersonifyEvent = { type: "call_replayed", tenantId: "t-1", method: "GET" };

/** Rejections that nobody handled, from now until the test ends. */
function unhandledRejections(): unknown[] {
  const reasons: unknown[] = [];
  const record = (reason: unknown) => void reasons.push(reason);
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", record);
  onTestFinished(() => {
    process.off("unhandledRejection", record);
    for (const other of others) process.on("unhandledRejection", other);
  });
  return reasons;
}

test("a listener is handed the event, at once and once", () => {
  const listener = vi.fn();

  createEmit(listener)(event);

  expect(listener.mock.calls).toEqual([[event]]);
});

test("without a listener nothing happens", () => {
  expect(() => createEmit(undefined)(event)).not.toThrow();
});

test("a listener that throws is not noticed, and is called again", () => {
  const listener = vi.fn(() => {
    throw new Error("listener");
  });
  const emit = createEmit(listener);

  expect(() => emit(event)).not.toThrow();
  expect(() => emit(event)).not.toThrow();
  expect(listener).toHaveBeenCalledTimes(2);
});

test.each<[string, () => unknown]>([
  ["promise", async () => Promise.reject(new Error("listener"))],
  [
    "thenable",
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library is what is tested
    () => ({ then: (_: unknown, reject: (reason: Error) => void) => reject(new Error("listener")) }),
  ],
  [
    "thenable that throws",
    () =>
      new Proxy(
        {},
        {
          get() {
            throw new Error("listener");
          },
        },
      ),
  ],
  ["promise of another realm", () => runInNewContext("Promise.reject(new Error('listener'))")],
])("a listener whose %s rejects leaves no unhandled rejection", async (_kind, listener) => {
  const unhandled = unhandledRejections();

  expect(() => createEmit(listener)(event)).not.toThrow();
  await setImmediate();
  await setImmediate();

  expect(unhandled).toEqual([]);
});

test("a listener that takes its time is not waited for", () => {
  const listener = vi.fn(() => new Promise(() => {}));

  expect(createEmit(listener)(event)).toBeUndefined();
  expect(listener).toHaveBeenCalledTimes(1);
});

test("an event of a call has the key id of the last token, and that of a token its own", () => {
  const listener = vi.fn();
  const emit = createEmit(listener);

  for (const keyId of ["key-1", "key-2"]) emit({ type: "token_shared", keyId });
  emit(event);

  expect(listener.mock.calls.map(([{ keyId }]) => keyId)).toEqual(["key-1", "key-2", "key-2"]);
});
