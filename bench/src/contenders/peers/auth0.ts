import { ManagementClient } from "auth0";
import type { Running, Target } from "../../contender.ts";

/** It speaks https alone, so its `fetch` option takes that back; it hands out no token. */
export function setUp({ origin, clientId, clientSecret }: Target): Running {
  const management = new ManagementClient({
    domain: new URL(origin).host,
    clientId,
    clientSecret,
    fetch: (input, init) => fetch(String(input).replace("https:", "http:"), init),
  });
  return { call: () => management.stats.getDaily() };
}
