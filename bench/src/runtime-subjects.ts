import type { Target } from "./contender.ts";
import { setUp as setUpFetch } from "./contenders/ours/fetch.ts";
import { setUp as setUpGet } from "./contenders/ours/get.ts";

/** What a runtime's own fetch is measured by, and against. */
const subjects = {
  async fetch({ origin, tokenUrl, apiPath, clientId, clientSecret }: Target) {
    const answer = await fetch(tokenUrl, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    const { access_token } = (await answer.json()) as { access_token: string };
    // What every call of this API has to carry.
    const headers = { authorization: `Bearer ${access_token}`, "x-tenant-id": "tenant-1" };
    return async () => (await fetch(origin + apiPath, { headers })).json();
  },
  get: (target: Target) => setUpGet(target).call,
  "client.fetch": (target: Target) => setUpFetch(target).call,
};
export type RuntimeSubject = keyof typeof subjects;

/** Sets a subject up, and makes its first call alone: on workerd, calls that begin together may ask for a token each. */
export async function startSubject(subject: RuntimeSubject, target: Target): Promise<() => Promise<unknown>> {
  const call = await subjects[subject](target);
  await call();
  return call;
}
