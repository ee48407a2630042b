import { request } from "undici";
import type { Target } from "../../contender.ts";

/** A token that is asked for once and never looked at again. */
export async function constantAuthorization(target: Target): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${(await requestToken(target)).access_token}` };
}

export async function requestToken({
  tokenUrl,
  clientId,
  clientSecret,
}: Target): Promise<{ access_token: string; expires_in: number }> {
  const { body } = await request(tokenUrl, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
    }).toString(),
  });
  return (await body.json()) as { access_token: string; expires_in: number };
}
