import { type FaultDefinition, type FaultHandle, startEmulator } from "@personify-auth/emulator";
import { answerQuestions } from "child-process";
import { credentialSets } from "./credential-sets.ts";

const emulator = await startEmulator({ port: Number(process.argv[2]) });
for (const { clientId, clientSecret, lifetime } of credentialSets) {
  emulator.clients.add({ clientId, clientSecret, tokenLifetime: lifetime });
}

/** More than a run has requests; `Infinity` could not be counted down. */
const always = 1_000_000_000;
const faults = new Map<string, { readonly handle: FaultHandle; readonly times: number }>();

const answers = {
  /** Each with one event. */
  tenants: () => emulator.tenants.map(({ id, events }) => ({ id, eventId: events[0]?.id ?? "" })),
  begin(name: string, fault: FaultDefinition) {
    answers.end(name);
    const { times = always } = fault;
    faults.set(name, { handle: emulator.faults.add({ ...fault, times }), times });
  },
  /** How many requests a fault has met. */
  met(name: string) {
    const fault = faults.get(name);
    return fault === undefined ? 0 : fault.times - fault.handle.remaining();
  },
  end(name: string) {
    faults.get(name)?.handle.clear();
    faults.delete(name);
  },
  /** How many tokens it took away. */
  revoke: () => emulator.tokens.revoke(),
};

export type EmulatorAnswers = typeof answers;

answerQuestions(answers);
