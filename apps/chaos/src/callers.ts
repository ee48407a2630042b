import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";
import type { FailedCall } from "./blame.ts";
import { credentialSets } from "./credential-sets.ts";

/** What became of calls. */
export interface Tally {
  calls: number;
  failed: number;
  /** How many failed of each cause. */
  readonly causes: Map<string, number>;
}

/** Callers that ask the app for pages over and over, all at once. */
export interface Callers {
  readonly tally: Tally;
  start(): void;
  /** Resolves when each call has ended. */
  stop(): Promise<void>;
  /** One call of each, at once. */
  wave(): Promise<Tally>;
  close(): Promise<void>;
}

/** ms between the answer to a caller and its next call. */
const pause = 400;
/** ms: far beyond the limits that the app sets its calls. */
const patience = 30_000;

export function createCallers(setup: {
  readonly count: number;
  readonly url: string;
  readonly tenants: readonly { readonly id: string; readonly eventId: string }[];
  readonly onFailed: (call: FailedCall) => void;
}): Callers {
  const { count, url, tenants, onFailed } = setup;
  const agent = new Agent({ connections: count, headersTimeout: patience, bodyTimeout: patience });
  const tally = emptyTally();
  let running: Promise<unknown> = Promise.resolve();
  let isRunning = false;

  /** One page for an end user: undefined, or why there was none. */
  async function call(index: number): Promise<string | undefined> {
    const { clientId } = credentialSets[index % credentialSets.length] as { clientId: string };
    const { id, eventId } = tenants[index % tenants.length] as { id: string; eventId: string };
    try {
      const { statusCode, body } = await request(`${url}/${clientId}/events/${eventId}`, {
        dispatcher: agent,
        headers: { "x-tenant-id": id },
      });
      const answer = JSON.parse(await body.text());
      if (statusCode === 200) return answer.data.length === 5 ? undefined : "a page that is none";
      onFailed(answer);
      return answer.code === "api_error" ? `api_error ${answer.status}` : answer.code;
    } catch (error) {
      return `no answer: ${error}`;
    }
  }

  async function callOnce(index: number, into: Tally): Promise<void> {
    const cause = await call(index);
    into.calls += 1;
    if (cause === undefined) return;
    into.failed += 1;
    into.causes.set(cause, (into.causes.get(cause) ?? 0) + 1);
  }

  const each = (act: (index: number) => Promise<void>) =>
    Promise.all(Array.from({ length: count }, (_, index) => act(index)));

  return {
    tally,
    start() {
      isRunning = true;
      running = each(async (index) => {
        while (isRunning) {
          await callOnce(index, tally);
          await sleep(pause);
        }
      });
    },
    async stop() {
      isRunning = false;
      await running;
    },
    async wave() {
      const wave = emptyTally();
      await each((index) => callOnce(index, wave));
      return wave;
    },
    close: () => agent.close(),
  };
}

function emptyTally(): Tally {
  return { calls: 0, failed: 0, causes: new Map() };
}
