import { expect, test } from "vitest";
import { randomNumbers } from "./random-numbers.test.support.ts";
import { createTimerQueue, type Timer } from "./timer-queue.test.support.ts";

test("timers come in the order in which they fall due, those of one moment as they were set, without those removed", () => {
  const random = randomNumbers(1);
  const timers = Array.from(
    { length: 1_000 },
    (_, id): Timer => ({ id, due: Math.floor(random() * 100), run: () => {} }),
  );
  const queue = createTimerQueue();
  for (const timer of timers) queue.add(timer);
  for (const { id } of timers) if (id % 3 === 0) queue.remove(id);

  const taken: Timer[] = [];
  for (let timer = queue.takeUntil(49); timer !== undefined; timer = queue.takeUntil(49)) taken.push(timer);
  const expected = timers.filter(({ id, due }) => id % 3 !== 0 && due <= 49);
  expect(taken).toEqual(expected.toSorted((a, b) => a.due - b.due || a.id - b.id));
  expect(queue.takeUntil(50)?.due).toBe(50);
});
