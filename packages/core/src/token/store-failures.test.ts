import { beforeEach, describe, expect, test } from "vitest";
import type { PersonifyEvent } from "../events.ts";
import { processClock } from "./access-token.ts";
import { createStoreFailures } from "./store-failures.ts";
import { pass, stopClocks } from "./token-source.test.support.ts";

beforeEach(() => stopClocks());

function reporting() {
  const events: PersonifyEvent[] = [];
  return { report: createStoreFailures(processClock, (event) => events.push(event)), events };
}

const full = { advice: "The store is full; make room" };

describe("a failure of the store", () => {
  test("is told with the store's advice", () => {
    const { report, events } = reporting();
    report("key-1", { operation: "set", reason: "error", error: Object.assign(new Error("OOM"), full) });
    expect(events).toEqual([
      { type: "store_failed", keyId: "key-1", operation: "set", reason: "error", ...full },
    ]);
  });

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "OOM"],
    ["an error without one", new Error("OOM")],
    ["an error whose advice is no text", { advice: { text: "make room" } }],
    [
      "a getter that throws",
      {
        get advice() {
          throw new Error("no");
        },
      },
    ],
  ])("is told without advice where it threw %s", (_name, error) => {
    const { report, events } = reporting();
    report("key-1", { operation: "set", reason: "error", error });
    expect(events).toEqual([
      { type: "store_failed", keyId: "key-1", operation: "set", reason: "error", advice: undefined },
    ]);
  });

  test("is told once in 60 s, whichever operation meets it", async () => {
    const { report, events } = reporting();
    report("key-1", { operation: "get", reason: "error", error: full });
    await pass(59_999);
    report("key-1", { operation: "set", reason: "error", error: full });
    expect(events).toHaveLength(1);
    await pass(1);
    report("key-1", { operation: "set", reason: "error", error: full });
    report("key-1", { operation: "get", reason: "error", error: full });
    expect(events).toMatchObject([{ operation: "get" }, { operation: "set" }]);
  });

  test("with another reason, another advice or of another credential set is told at once", () => {
    const { report, events } = reporting();
    report("key-1", { operation: "get", reason: "error", error: full });
    report("key-1", { operation: "get", reason: "timeout", error: full });
    report("key-1", { operation: "get", reason: "error", error: { advice: "The store is away; start it" } });
    report("key-1", { operation: "get", reason: "error" });
    report("key-2", { operation: "get", reason: "error", error: full });
    expect(events).toHaveLength(5);
  });
});
