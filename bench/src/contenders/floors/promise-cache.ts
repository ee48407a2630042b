import { request } from "undici";
import type { Running, Target } from "../../contender.ts";
import { requestToken } from "./constant-authorization.ts";

/** One promise for all callers, for ever. */
export function setUp(target: Target): Running {
  const url = target.origin + target.apiPath;
  let token: Promise<string> | undefined;
  const getToken = () => {
    token ??= requestToken(target).then(({ access_token }) => access_token);
    return token;
  };
  return {
    async call() {
      const headers = { authorization: `Bearer ${await getToken()}` };
      return (await request(url, { headers })).body.json();
    },
    getToken,
  };
}
