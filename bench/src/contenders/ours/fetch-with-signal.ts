import type { Running, Target } from "../../contender.ts";
import { clientFor } from "./client.ts";

export function setUp(target: Target): Running {
  const client = clientFor(target);
  return {
    async call() {
      const response = await client.fetch(target.apiPath, { signal: new AbortController().signal });
      return response.json();
    },
  };
}
