import type { Emit, PersonifyEvent } from "../events.ts";
import type { Clock } from "./access-token.ts";

/** Tells of a store call that failed. */
export type ReportStoreFailure = (
  keyId: string,
  failure: Pick<Extract<PersonifyEvent, { type: "store_failed" }>, "operation" | "reason"> & {
    error?: unknown;
  },
) => void;

const pause = 60_000;

/** A broken store fails each of its calls: the same trouble of one credential set is told once in 60 s. */
export function createStoreFailures(clock: Clock, emit: Emit): ReportStoreFailure {
  /** Trouble → until when it is known, monotonic ms. */
  const known = new Map<string, number>();
  return (keyId, { operation, reason, error }) => {
    const now = clock.now().monotonic;
    for (const [trouble, until] of known) if (until <= now) known.delete(trouble);
    const advice = adviceOf(error);
    const trouble = JSON.stringify([keyId, reason, advice]);
    if (known.has(trouble)) return;
    known.set(trouble, now + pause);
    emit({ type: "store_failed", keyId, operation, reason, advice });
  };
}

/** What a store throws is input like any other. */
function adviceOf(error: unknown): string | undefined {
  try {
    const { advice } = error as { advice?: unknown };
    return typeof advice === "string" ? advice : undefined;
  } catch {
    return undefined;
  }
}
