/** A time limit with a signal that aborts when it passes, or when a given parent signal aborts. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** ms until the limit; 0 or less once it has passed. */
  remaining(): number;
  /** Must be called when the work is done: it frees the timer and the parents' listeners. */
  clear(): void;
}

/** Starts a time limit of `ms`. When it passes, the signal aborts with `expired()`. */
export function startDeadline(
  ms: number,
  expired: () => Error,
  ...parents: readonly (AbortSignal | undefined)[]
): Deadline {
  const controller = new AbortController();
  const endsAt = performance.now() + ms;
  const timer = setTimeout(() => controller.abort(expired()), ms);
  const follow = () => controller.abort(parents.find((parent) => parent?.aborted)?.reason);
  if (parents.some((parent) => parent?.aborted)) follow();
  else for (const parent of parents) parent?.addEventListener("abort", follow, { once: true });
  return {
    signal: controller.signal,
    remaining: () => endsAt - performance.now(),
    clear() {
      clearTimeout(timer);
      for (const parent of parents) parent?.removeEventListener("abort", follow);
    },
  };
}

/** Settles as `promise` does, or rejects with the signal's reason at once when it aborts. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const settled = () => signal.removeEventListener("abort", abort);
    promise.then(resolve, reject).then(settled);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** Resolves after `ms`, or rejects with the signal's reason at once when it aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** A signal that aborts when either does. */
export function anySignal(a: AbortSignal | undefined, b: AbortSignal | undefined): AbortSignal | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : AbortSignal.any([a, b]);
}
