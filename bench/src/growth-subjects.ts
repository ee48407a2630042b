import { createPersonifyClient } from "@personify-auth/core";
import type { Target } from "./contender.ts";
import { setUp as setUpUndici } from "./contenders/floors/undici-request.ts";
import { clientFor, optionsFor } from "./contenders/ours/client.ts";
import { setUp as setUpGet } from "./contenders/ours/get.ts";
import { bodyPath } from "./server.ts";

type Call = () => Promise<unknown>;

/** What is measured while something grows: each gives the call that a process of `size` makes. */
export const subjects = {
  /** A client for each call, made for the next of the tenants, as the adapters make one for each request. */
  tenants(target: Target, size: number): Call {
    const client = clientFor(target);
    const next = takingTurns(size);
    return () => client.with({ tenantId: `tenant-${next()}` }).get(target.apiPath);
  },
  /** A client for each credential set, all alive, each with a token of its own. */
  credentialSets(target: Target, size: number): Call {
    const clients = Array.from({ length: size }, (_, index) =>
      createPersonifyClient({ ...optionsFor(target), clientId: `client-${index}` }),
    );
    const next = takingTurns(size);
    return () => (clients[next()] as (typeof clients)[number]).get(target.apiPath);
  },
  /** What grows is how many calls are under way at once, which is for the one who makes them. */
  callsAtOnce: (target: Target): Call => setUpGet(target).call,
  body: (target: Target, size: number): Call => setUpGet({ ...target, apiPath: bodyPath(size) }).call,
  callsAtOnceWithUndici: async (target: Target): Promise<Call> => (await setUpUndici(target)).call,
  bodyWithUndici: async (target: Target, size: number): Promise<Call> =>
    (await setUpUndici({ ...target, apiPath: bodyPath(size) })).call,
};
export type Subject = keyof typeof subjects;

function takingTurns(size: number): () => number {
  let taken = 0;
  return () => taken++ % size;
}
