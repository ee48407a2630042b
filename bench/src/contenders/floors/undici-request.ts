import { request } from "undici";
import type { Running, Target } from "../../contender.ts";
import { constantAuthorization } from "./constant-authorization.ts";

export async function setUp(target: Target): Promise<Running> {
  const headers = await constantAuthorization(target);
  const url = target.origin + target.apiPath;
  return { call: async () => (await request(url, { headers })).body.json() };
}
