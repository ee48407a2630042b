import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startDeadline } from "../deadline.ts";
import { ApiError, NetworkError, TimeoutError, TokenRequestError } from "../errors.ts";
import type { PersonifyEvent } from "../events.ts";
import { type RetryableCall, type RetryPolicy, retrying } from "./retry.ts";

const policy: RetryPolicy = { maxRetries: 2, baseDelay: 200, maxDelay: 5_000 };
const connectionError = new NetworkError("reset", { code: "network_error", retryable: true });

interface Step {
  readonly status: number;
  readonly retryAfter?: string;
}

function answerOf({ status, retryAfter }: Step) {
  return { status, headers: new Headers(retryAfter === undefined ? {} : { "retry-after": retryAfter }) };
}

/** Plays the steps in turn, the last one for ever, and records when each was asked for. */
function playing(steps: readonly (number | Step | Error)[], changes: Partial<RetryPolicy> = {}) {
  const times: number[] = [];
  const events: PersonifyEvent[] = [];
  const send = retrying(
    { ...policy, ...changes },
    (event) => events.push(event),
    async (_call: RetryableCall) => {
      const step = steps[Math.min(times.length, steps.length - 1)];
      times.push(Date.now());
      if (step instanceof Error) throw step;
      return answerOf(typeof step === "number" ? { status: step } : (step ?? { status: 0 }));
    },
  );
  /** How long was waited before each attempt after the first. */
  const delays = () => times.slice(1).map((time, at) => time - (times[at] ?? 0));
  return { send, times, events, delays };
}

const patient: RetryableCall["deadline"] = {
  signal: new AbortController().signal,
  remaining: () => 1_000_000,
};

function callOf(changes: Partial<RetryableCall> = {}): RetryableCall {
  return { method: "GET", tenantId: "t-1", deadline: patient, replayable: true, ...changes };
}

/** What a call came to once every timer has run. */
async function settled(call: Promise<unknown>): Promise<PromiseSettledResult<unknown>> {
  const results = Promise.allSettled([call]);
  await vi.runAllTimersAsync();
  const [result] = await results;
  return result as PromiseSettledResult<unknown>;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("what is sent again", () => {
  test.each([408, 429, 502, 503, 504])("%i, until it passes", async (status) => {
    const { send, times } = playing([status, status, 200]);
    expect(await settled(send(callOf()))).toMatchObject({ status: "fulfilled", value: { status: 200 } });
    expect(times).toHaveLength(3);
  });

  test("a connection error, until it passes", async () => {
    const { send, times } = playing([connectionError, 200]);
    expect(await settled(send(callOf()))).toMatchObject({ value: { status: 200 } });
    expect(times).toHaveLength(2);
  });

  test.each(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])("%s, which is idempotent", async (method) => {
    for (const step of [503, connectionError]) {
      const { send, times } = playing([step, 200]);
      expect(await settled(send(callOf({ method })))).toMatchObject({ value: { status: 200 } });
      expect(times).toHaveLength(2);
    }
  });

  test("at most maxRetries times; the last answer is the answer", async () => {
    const { send, times } = playing([503, { status: 502 }, { status: 504 }, 200]);
    expect(await settled(send(callOf()))).toMatchObject({ value: { status: 504 } });
    expect(times).toHaveLength(3);
  });

  test("at most maxRetries times; the last failure is the failure", async () => {
    const last = new NetworkError("last", { code: "network_error", retryable: true });
    const { send, times } = playing([connectionError, 503, last, 200]);
    expect(await settled(send(callOf()))).toMatchObject({ status: "rejected", reason: last });
    expect(times).toHaveLength(3);
  });

  test.each([0, 1, 5])("maxRetries: %i", async (maxRetries) => {
    const { send, times } = playing([503], { maxRetries });
    expect(await settled(send(callOf()))).toMatchObject({ value: { status: 503 } });
    expect(times).toHaveLength(1 + maxRetries);
  });

  test("is the very same call", async () => {
    const calls: RetryableCall[] = [];
    const call = callOf({ method: "PUT" });
    const send = retrying(
      policy,
      () => {},
      async (sent: RetryableCall) => {
        calls.push(sent);
        return answerOf({ status: 503 });
      },
    );
    await settled(send(call));
    expect(calls).toEqual([call, call, call]);
  });
});

describe("what is not sent again", () => {
  test.each([200, 201, 204, 302, 400, 401, 403, 404, 409, 413, 418, 425, 500, 501, 505])(
    "%i",
    async (status) => {
      const { send, times, events } = playing([status, 200]);
      expect(await settled(send(callOf()))).toMatchObject({ value: { status } });
      expect(times).toHaveLength(1);
      expect(events).toEqual([]);
    },
  );

  test("a call that was aborted, though its reason is another call's connection error", async () => {
    const { send, times, events } = playing([connectionError, 200]);
    const deadline = { ...patient, signal: AbortSignal.abort(connectionError) };
    expect(await settled(send(callOf({ deadline })))).toMatchObject({ reason: connectionError });
    expect(times).toHaveLength(1);
    expect(events).toEqual([]);
  });

  test.each(["POST", "PATCH", "CONNECT", "QUERY", "get"])("%s, whatever happens", async (method) => {
    for (const step of [408, 429, 502, 503, 504]) {
      const { send, times } = playing([step, 200]);
      expect(await settled(send(callOf({ method })))).toMatchObject({ value: { status: step } });
      expect(times).toHaveLength(1);
    }
    const { send, times } = playing([connectionError, 200]);
    expect(await settled(send(callOf({ method })))).toMatchObject({ reason: connectionError });
    expect(times).toHaveLength(1);
  });

  test("a body that cannot be sent again", async () => {
    for (const step of [503, connectionError]) {
      const { send, times } = playing([step, 200]);
      await settled(send(callOf({ method: "PUT", replayable: false })));
      expect(times).toHaveLength(1);
    }
  });

  test.each([
    ["a token's network error", new NetworkError("t", { code: "token_network_error", retryable: true })],
    [
      "a connection error that is permanent",
      new NetworkError("tls", { code: "network_error", retryable: false }),
    ],
    [
      "an answer that is too large",
      new NetworkError("big", { code: "response_too_large", retryable: false }),
    ],
    ["a refused token", new TokenRequestError("no", { code: "token_request_refused", retryable: true })],
    [
      "a failing token endpoint",
      new TokenRequestError("no", { code: "token_endpoint_unavailable", retryable: true }),
    ],
    ["a time limit", new TimeoutError("late", "request_timeout")],
    [
      "an answer that is no answer",
      new ApiError("x", { code: "api_error" }, { status: 503, headers: new Headers(), data: undefined }),
    ],
    ["the caller's abort", new DOMException("aborted", "AbortError")],
    ["anything else", new TypeError("bug")],
  ])("%s", async (_what, failure) => {
    const { send, times, events } = playing([failure, 200]);
    expect(await settled(send(callOf()))).toMatchObject({ status: "rejected", reason: failure });
    expect(times).toHaveLength(1);
    expect(events).toEqual([]);
  });
});

describe("the delay", () => {
  test("is a random part of a base that doubles and is capped", async () => {
    const { send, delays } = playing([503], { maxRetries: 5, baseDelay: 100, maxDelay: 500 });
    vi.mocked(Math.random).mockReturnValue(0.5);
    await settled(send(callOf()));
    expect(delays()).toEqual([50, 100, 200, 250, 250]);
  });

  test.each([
    [0, [0, 0]],
    [0.25, [50, 100]],
    [0.999, [199, 399]],
  ])("spans the whole of it: at a draw of %d it is %o", async (draw, expected) => {
    vi.mocked(Math.random).mockReturnValue(draw);
    const { send, events } = playing([503]);
    await settled(send(callOf()));
    const delays = events.map((event) => (event.type === "call_retried" ? Math.floor(event.delay) : -1));
    expect(delays).toEqual(expected);
  });

  test.each<[string, number]>([
    ["0", 0],
    ["7", 7_000],
    ["3600", 30_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["soon", 100],
    ["-5", 100],
    ["", 100],
  ])("is what Retry-After %j asks for, at most 30 s: %i ms", async (retryAfter, expected) => {
    const { send, delays } = playing([{ status: 503, retryAfter }, 200]);
    await settled(send(callOf()));
    expect(delays()).toEqual([expected]);
  });

  test("is until the date that Retry-After names", async () => {
    vi.setSystemTime(new Date("2026-01-01T00:00:00Z"));
    const retryAfter = "Thu, 01 Jan 2026 00:00:12 GMT";
    const { send, delays } = playing([{ status: 429, retryAfter }, 200]);
    await settled(send(callOf()));
    expect(delays()).toEqual([12_000]);
  });
});

describe("the deadline", () => {
  test("is not outwaited: a delay that does not fit in is not begun, and the answer is the answer", async () => {
    const deadline = startDeadline(7_000, () => new Error("late"));
    const { send, times } = playing([{ status: 503, retryAfter: "7" }, 200]);
    const call = send(callOf({ deadline }));
    await vi.advanceTimersByTimeAsync(0);
    expect(await call).toMatchObject({ status: 503 });
    expect(times).toHaveLength(1);
    deadline.clear();
  });

  test("lets a delay that fits in run", async () => {
    const deadline = startDeadline(7_001, () => new Error("late"));
    const { send, times } = playing([{ status: 503, retryAfter: "7" }, 200]);
    const call = send(callOf({ deadline }));
    await vi.advanceTimersByTimeAsync(7_000);
    expect(await call).toMatchObject({ status: 200 });
    expect(times).toHaveLength(2);
    deadline.clear();
  });

  test("holds for all attempts together", async () => {
    const deadline = startDeadline(10_000, () => new Error("late"));
    const { send, times } = playing([{ status: 503, retryAfter: "6" }]);
    const call = send(callOf({ deadline }));
    await vi.advanceTimersByTimeAsync(6_000);
    expect(await call).toMatchObject({ status: 503 });
    expect(times).toHaveLength(2);
    deadline.clear();
  });

  test("a connection error that has no time left is the failure", async () => {
    const { send, times } = playing([connectionError, 200]);
    const spent: RetryableCall["deadline"] = { ...patient, remaining: () => 0 };
    expect(await settled(send(callOf({ deadline: spent })))).toMatchObject({ reason: connectionError });
    expect(times).toHaveLength(1);
  });

  test("an abort ends the wait at once, with its reason, and nothing more is sent", async () => {
    const controller = new AbortController();
    const reason = new Error("the caller's own reason");
    const { send, times } = playing([{ status: 503, retryAfter: "20" }, 200]);
    const call = send(callOf({ deadline: { ...patient, signal: controller.signal } }));
    const outcome = Promise.allSettled([call]);
    await vi.advanceTimersByTimeAsync(1_000);
    controller.abort(reason);
    expect(await outcome).toEqual([{ status: "rejected", reason }]);
    expect(vi.getTimerCount()).toBe(0);
    expect(times).toHaveLength(1);
  });
});

describe("the budget", () => {
  test("is ten retries at the start, for all calls together", async () => {
    const { send, times } = playing([503], { maxRetries: 10 });
    await settled(send(callOf()));
    expect(times).toHaveLength(11);
    await settled(send(callOf()));
    expect(times).toHaveLength(12);
  });

  test("each call saves a tenth of a retry, one that succeeds as well", async () => {
    let status = 503;
    let sent = 0;
    const send = retrying(
      { ...policy, maxRetries: 10 },
      () => {},
      async (_call: RetryableCall) => {
        sent++;
        return answerOf({ status });
      },
    );
    await settled(send(callOf()));
    expect(sent).toBe(11);
    status = 200;
    for (let n = 0; n < 35; n++) await settled(send(callOf()));
    status = 503;
    sent = 0;
    await settled(send(callOf()));
    expect(sent).toBe(1 + 3);
  });

  test("no more than ten are saved up", async () => {
    let status = 200;
    let sent = 0;
    const send = retrying(
      { ...policy, maxRetries: 10 },
      () => {},
      async (_call: RetryableCall) => {
        sent++;
        return answerOf({ status });
      },
    );
    for (let n = 0; n < 200; n++) await settled(send(callOf()));
    status = 503;
    sent = 0;
    await settled(send(callOf()));
    await settled(send(callOf()));
    expect(sent).toBe(2 + 10);
  });

  test("an outage of 1,000 calls is answered with a tenth more of them, not with three times as many", async () => {
    const { send, times, events } = playing([503]);
    for (let n = 0; n < 1_000; n++) await settled(send(callOf()));
    const retries = times.length - 1_000;
    expect(retries).toBeGreaterThanOrEqual(100);
    expect(retries).toBeLessThanOrEqual(110);
    expect(events).toHaveLength(retries);
  });

  test("1,000 calls at once are answered with ten more", async () => {
    const { send, times } = playing([503]);
    await settled(Promise.all(Array.from({ length: 1_000 }, () => send(callOf()))));
    expect(times).toHaveLength(1_010);
  });

  test("calls that may not be sent again spend nothing of it", async () => {
    let sent = 0;
    const send = retrying(
      { ...policy, maxRetries: 10 },
      () => {},
      async (_call: RetryableCall) => {
        sent++;
        return answerOf({ status: 503 });
      },
    );
    for (let n = 0; n < 20; n++) await settled(send(callOf({ method: "POST" })));
    sent = 0;
    await settled(send(callOf()));
    expect(sent).toBe(11);
  });

  test("two policies have a budget each", async () => {
    const first = playing([503], { maxRetries: 10 });
    const second = playing([503], { maxRetries: 10 });
    await settled(first.send(callOf()));
    await settled(second.send(callOf()));
    expect([first.times.length, second.times.length]).toEqual([11, 11]);
  });
});

test("each retry is an event, with what failed and how long is waited; the last failure is none", async () => {
  const { send, events } = playing([{ status: 429, retryAfter: "2" }, connectionError, 503]);
  await settled(send(callOf({ method: "DELETE" })));
  expect(events).toEqual([
    {
      type: "call_retried",
      tenantId: "t-1",
      method: "DELETE",
      attempt: 1,
      delay: 2_000,
      status: 429,
      code: undefined,
    },
    {
      type: "call_retried",
      tenantId: "t-1",
      method: "DELETE",
      attempt: 2,
      delay: 200,
      status: undefined,
      code: "network_error",
    },
  ]);
});
