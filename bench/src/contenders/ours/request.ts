import type { Running, Target } from "../../contender.ts";
import { clientFor } from "./client.ts";

export function setUp(target: Target): Running {
  const client = clientFor(target);
  return { call: async () => (await client.request("GET", target.apiPath)).data };
}
