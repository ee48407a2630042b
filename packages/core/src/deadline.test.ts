import { getEventListeners } from "node:events";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { abortable, sleep, startDeadline } from "./deadline.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
});

function listenersOn(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

const late = new Error("late");

describe("a deadline", () => {
  test("aborts with its own error as its time passes", async () => {
    const deadline = startDeadline(1_000, () => late);
    await vi.advanceTimersByTimeAsync(999);
    expect([deadline.signal.aborted, deadline.remaining()]).toEqual([false, 1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(deadline.signal.reason).toBe(late);
    expect(deadline.remaining()).toBe(0);
    await vi.advanceTimersByTimeAsync(500);
    expect(deadline.remaining()).toBe(-500);
  });

  test("makes its error only when it passes", async () => {
    const expired = vi.fn(() => late);
    const deadline = startDeadline(1_000, expired);
    deadline.clear();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(expired).not.toHaveBeenCalled();
  });

  test("that was cleared leaves no timer, and never aborts", async () => {
    const deadline = startDeadline(1_000, () => late);
    expect(vi.getTimerCount()).toBe(1);
    deadline.clear();
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(deadline.signal.aborted).toBe(false);
  });

  test("tells of its end as its signal does, whenever that is asked for", async () => {
    const deadline = startDeadline(1_000, () => late);
    const early = deadline.signal;
    const [told, toldNoMore] = [vi.fn(), vi.fn()];
    for (const listener of [told, toldNoMore]) deadline.addEventListener("abort", listener, { once: true });
    deadline.removeEventListener("abort", toldNoMore);
    deadline.throwIfAborted();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([deadline.aborted, deadline.reason]).toEqual([true, late]);
    expect(() => deadline.throwIfAborted()).toThrow(late);
    for (const signal of [early, deadline.signal, startDeadline(1, () => late, deadline).signal]) {
      expect([signal.aborted, signal.reason]).toEqual([true, late]);
    }
    expect([told.mock.calls.length, toldNoMore.mock.calls.length]).toEqual([1, 0]);
  });

  test("first asked for its signal after its end has one that has aborted", async () => {
    const deadline = startDeadline(1_000, () => late);
    await vi.advanceTimersByTimeAsync(1_000);
    expect([deadline.signal.aborted, deadline.signal.reason]).toEqual([true, late]);
  });

  test("does not go by the wall clock", () => {
    const deadline = startDeadline(1_000, () => late);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(deadline.remaining()).toBe(1_000);
    deadline.clear();
  });

  test("aborts at once, and with the same reason, as its parent does", () => {
    const parent = new AbortController();
    const deadline = startDeadline(1_000, () => late, parent.signal);
    const reason = new Error("the user left");
    parent.abort(reason);
    expect(deadline.signal.reason).toBe(reason);
    deadline.clear();
  });

  test("with a parent that has aborted already has aborted, with that reason", () => {
    const reason = new Error("the user left");
    const parent = AbortSignal.abort(reason);
    const deadline = startDeadline(1_000, () => late, parent);
    expect(deadline.signal.reason).toBe(reason);
    expect(listenersOn(parent)).toBe(0);
    deadline.clear();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("keeps its parent's reason though its time passes later", async () => {
    const parent = new AbortController();
    const deadline = startDeadline(1_000, () => late, parent.signal);
    const reason = new Error("the user left");
    parent.abort(reason);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(deadline.signal.reason).toBe(reason);
  });

  test("has one listener on its parent, and none once it is cleared or the parent has aborted", () => {
    const parent = new AbortController();
    const first = startDeadline(1_000, () => late, parent.signal);
    const second = startDeadline(1_000, () => late, parent.signal);
    expect(listenersOn(parent.signal)).toBe(2);
    first.clear();
    expect(listenersOn(parent.signal)).toBe(1);
    parent.abort();
    expect(listenersOn(parent.signal)).toBe(0);
    expect(first.signal.aborted).toBe(false);
    second.clear();
  });
});

describe("an abortable promise", () => {
  test("settles as the promise does", async () => {
    const { signal } = new AbortController();
    await expect(abortable(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(abortable(Promise.reject(late), signal)).rejects.toBe(late);
    await expect(abortable(Promise.resolve(1), undefined)).resolves.toBe(1);
    await expect(abortable(Promise.reject(late), undefined)).rejects.toBe(late);
  });

  test("rejects with the signal's reason as it aborts, though the promise never settles", async () => {
    const controller = new AbortController();
    const waiting = abortable(new Promise(() => {}), controller.signal);
    const reason = new Error("the user left");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  test("rejects where the signal has aborted already, though the promise has settled", async () => {
    const reason = new Error("the user left");
    await expect(abortable(Promise.resolve(1), AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test.each<[string, (settle: PromiseWithResolvers<unknown>, controller: AbortController) => void]>([
    ["resolved", ({ resolve }) => resolve(1)],
    ["rejected", ({ reject }) => reject(late)],
    ["aborted", (_settle, controller) => controller.abort()],
  ])("that was %s leaves no listener on its signal", async (_name, end) => {
    const controller = new AbortController();
    const settle = Promise.withResolvers<unknown>();
    const waiting = abortable(settle.promise, controller.signal);
    expect(listenersOn(controller.signal)).toBe(1);
    end(settle, controller);
    await waiting.catch(() => {});
    await Promise.resolve();
    expect(listenersOn(controller.signal)).toBe(0);
  });

  test("whose promise rejects after the abort is no unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listener);
    onTestFinished(() => {
      process.off("unhandledRejection", listener);
    });
    const controller = new AbortController();
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = abortable(promise, controller.signal);
    controller.abort(late);
    await expect(waiting).rejects.toBe(late);
    reject(new Error("later still"));
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(unhandled).toEqual([]);
  });
});

describe("a sleep", () => {
  test("ends after its time and leaves neither timer nor listener", async () => {
    const { signal } = new AbortController();
    const ended = vi.fn();
    const sleeping = sleep(1_000, signal).then(ended);
    await vi.advanceTimersByTimeAsync(999);
    expect(ended).not.toHaveBeenCalled();
    expect(listenersOn(signal)).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
    expect(ended).toHaveBeenCalledTimes(1);
    expect([listenersOn(signal), vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("is woken by an abort, with its reason, and leaves neither timer nor listener", async () => {
    const controller = new AbortController();
    const sleeping = sleep(1_000, controller.signal);
    controller.abort(late);
    await expect(sleeping).rejects.toBe(late);
    expect([listenersOn(controller.signal), vi.getTimerCount()]).toEqual([0, 0]);
  });

  test("does not begin where the signal has aborted already", async () => {
    const signal = AbortSignal.abort(late);
    await expect(sleep(1_000, signal)).rejects.toBe(late);
    expect([listenersOn(signal), vi.getTimerCount()]).toEqual([0, 0]);
  });
});
