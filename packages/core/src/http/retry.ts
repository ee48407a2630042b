import { fullJitter, parseRetryAfter } from "../backoff.ts";
import { type Deadline, sleep } from "../deadline.ts";
import { NetworkError } from "../errors.ts";
import type { Emit } from "../events.ts";

/** How failed calls are repeated. Delays in ms. */
export interface RetryPolicy {
  /** Attempts after the first. Default 2, at most 10. */
  readonly maxRetries: number;
  /** The longest delay before the first retry; it doubles with each, and a random part of it is waited. Default 200. */
  readonly baseDelay: number;
  /** The longest delay that backoff reaches. A Retry-After may ask for more, up to 30 s. Default 5,000. */
  readonly maxDelay: number;
}

/** A call that may be repeated. */
export interface RetryableCall {
  readonly method: string;
  readonly tenantId: string | false;
  readonly deadline: Pick<Deadline, "remaining" | "signal">;
  /** Whether its body can be sent again. */
  readonly replayable: boolean;
}

interface RetryableAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** RFC 9110 §9.2.2: repeating these has no other effect than sending them once. */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);
const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/**
 * Repeats idempotent calls that met a passing failure, within the call's deadline. All calls of a client draw on one
 * budget, so that an outage is not answered with a multiple of the load.
 */
export function retrying<Call extends RetryableCall, Answer extends RetryableAnswer>(
  policy: RetryPolicy,
  emit: Emit,
  send: (call: Call) => Promise<Answer>,
): (call: Call) => Promise<Answer> {
  const budget = createBudget();
  return async (call) => {
    budget.save();
    for (let attempt = 1; ; attempt++) {
      let answer: Answer | undefined;
      let failure: unknown;
      try {
        answer = await send(call);
        if (answer.status < 400 || !retryableStatuses.has(answer.status)) return answer;
      } catch (error) {
        // A token that could not be had was retried where it was requested.
        const passes = error instanceof NetworkError && error.code === "network_error" && error.retryable;
        // An abort's reason may be the connection error of another call.
        if (!passes || call.deadline.signal.aborted) throw error;
        failure = error;
      }
      const delay =
        parseRetryAfter(answer?.headers.get("retry-after"), Date.now()) ??
        fullJitter(attempt, policy.baseDelay, policy.maxDelay);
      const retries =
        call.replayable &&
        idempotent.has(call.method) &&
        attempt <= policy.maxRetries &&
        delay < call.deadline.remaining() &&
        budget.spend();
      if (!retries) {
        if (answer !== undefined) return answer;
        throw failure;
      }
      const code = answer === undefined ? "network_error" : undefined;
      const { method, tenantId } = call;
      emit({ type: "call_retried", tenantId, method, attempt, delay, status: answer?.status, code });
      await sleep(delay, call.deadline.signal);
    }
  };
}

/** Each call saves a tenth of a retry; ten at most are saved up, which is also where it starts. */
function createBudget() {
  let saved = 10;
  return {
    save() {
      saved = Math.min(10, saved + 0.1);
    },
    spend() {
      if (saved < 1) return false;
      saved -= 1;
      return true;
    },
  };
}
