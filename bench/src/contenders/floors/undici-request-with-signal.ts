import { request } from "undici";
import type { Running, Target } from "../../contender.ts";
import { constantAuthorization } from "./constant-authorization.ts";

export async function setUp(target: Target): Promise<Running> {
  const headers = await constantAuthorization(target);
  const url = target.origin + target.apiPath;
  return {
    async call() {
      const { body } = await request(url, { headers, signal: new AbortController().signal });
      return body.json();
    },
  };
}
