import { afterEach, expect, test, vi } from "vitest";
import { timeOfDay } from "../server.ts";
import { callAcrossBoundaries } from "./boundary.ts";

afterEach(() => {
  vi.useRealTimers();
});

const plan = { calls: 4, concurrency: 2, maxMs: 60_000 };

test("counts calls that failed, and those whose token was granted after they began", async () => {
  const answers = [
    () => ({ grantedAt: 0 }),
    () => ({ grantedAt: timeOfDay() + 1_000 }),
    () => ({ error: "not the list" }),
    () => {
      throw new Error("401");
    },
  ];
  const outcome = await callAcrossBoundaries(async () => answers.pop()?.(), plan);
  expect(outcome).toMatchObject({ calls: 4, failed: 2, waited: 1 });
});

test("stops when its time is up, and says how far it came", async () => {
  const outcome = await callAcrossBoundaries(async () => ({ grantedAt: 0 }), { ...plan, maxMs: 0 });
  expect(outcome).toMatchObject({ calls: 0, failed: 0, waited: 0 });
});

test("gives up calls that never end, and counts them as failed", async () => {
  vi.useFakeTimers();
  let called = 0;
  const call = () => (called++ === 0 ? Promise.resolve({ grantedAt: 0 }) : new Promise(() => {}));
  const outcome = callAcrossBoundaries(call, plan);
  await vi.advanceTimersByTimeAsync(2 * plan.maxMs);
  expect(await outcome).toMatchObject({ calls: 3, failed: 2 });
});
