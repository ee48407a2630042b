/**
 * A setup file of Vitest: searches what each test file printed, threw, emitted and logged for the secrets and tokens
 * that it had to do with. One that shows fails the file.
 */
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import type { Emulator } from "@personify-auth/emulator";
import { afterAll, afterEach, vi } from "vitest";
import { PersonifyError } from "../errors.ts";
import { watchOutput } from "./output.test.support.ts";
import { findSecrets, isSearchable } from "./search.test.support.ts";
import { tokensInAnswer, watchServers } from "./wire.test.support.ts";

const secrets = new Set<string>();
const evidence = new Map<string, string>();

function note(secret: string): void {
  if (isSearchable(secret)) secrets.add(secret);
}

/** A value with all that is in it, causes and hidden members too. */
function showAll(value: unknown): string {
  return inspect(value, { depth: Infinity, showHidden: true, maxStringLength: null, maxArrayLength: null });
}

/** Pieces of one place are put together: a secret may be printed in two. */
function record(place: string, shown: string): void {
  evidence.set(place, `${evidence.get(place) ?? ""}${shown}`);
}

vi.mock(import("../token/token-endpoint.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    buildTokenRequest(endpoint, clientSecret, signal) {
      note(clientSecret);
      return original.buildTokenRequest(endpoint, clientSecret, signal);
    },
    judgeTokenResponse(response, endpoint, clientSecret) {
      for (const token of tokensInAnswer(response.body)) note(token);
      return original.judgeTokenResponse(response, endpoint, clientSecret);
    },
  };
});

vi.mock(import("../events.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    createEmit(listener) {
      const emit = original.createEmit(listener);
      return (event) => {
        record("events", `${showAll(event)}\n`);
        emit(event);
      };
    },
  };
});

vi.mock(import("../http/fetch-call.ts"), async (importOriginal) => {
  const original = await importOriginal();
  return {
    ...original,
    sendFetchCall: (fetchOnce, call) =>
      original.sendFetchCall(fetchOnce, call).catch((error: unknown) => {
        record("errors", `${showAll(error)}\n`);
        throw error;
      }),
  };
});

/** Those that are not closed yet. */
const emulators = new Set<Emulator>();

const pages = ["/", "/__emulator/state", "/__emulator/requests"];

vi.mock("../../../emulator/src/start-emulator.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("@personify-auth/emulator")>();
  return {
    ...original,
    async startEmulator(options: Parameters<typeof original.startEmulator>[0]): Promise<Emulator> {
      const emulator = await original.startEmulator(options);
      emulators.add(emulator);
      let read: Promise<void> | undefined;
      return {
        ...emulator,
        clearRequests() {
          record("requests that an emulator logged", JSON.stringify(emulator.requests()));
          emulator.clearRequests();
        },
        async close() {
          emulators.delete(emulator);
          // Once, and for whoever closes it at the same time.
          read ??= readPages(emulator);
          await read;
          await emulator.close();
        },
      };
    },
  };
});

async function readPages(emulator: Emulator): Promise<void> {
  emulator.faults.clear();
  for (const page of pages) {
    const body = await new Promise<string>((resolve, reject) => {
      get(emulator.apiBaseUrl + page, { agent: false }, (answer) => text(answer).then(resolve, reject)).on(
        "error",
        reject,
      );
    });
    record(`page ${page} of the emulator`, body);
  }
}

// Every error of ours calls this one on its way, whoever makes it.
Object.setPrototypeOf(
  PersonifyError,
  class extends Error {
    constructor(...given: ConstructorParameters<typeof Error>) {
      super(...given);
      // When it is whole. Not later: holding errors would spoil tests of what is freed.
      void Promise.resolve().then(() => record("errors", `${showAll(this)}\n`));
    }
  },
);

const unwatch = [watchServers(note), watchOutput(record)];

afterEach(({ task }) => {
  record("names of tests", `${task.fullTestName}\n`);
});

afterAll(async () => {
  for (const emulator of emulators) await readPages(emulator);
  for (const stop of unwatch) stop();
  const findings = findSecrets(evidence, secrets);
  if (findings.length === 0) return;
  const shown = findings.map(
    ({ place, form, before }) => `${place}: ${form}, after ${JSON.stringify(before)}`,
  );
  throw new Error(`A secret or a token of this run shows in\n${shown.join("\n")}`);
});
