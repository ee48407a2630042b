import { AccessToken } from "../token/access-token.ts";
import type { TokenQuery, TokenSource } from "../token/token-source.ts";

export interface FakeTokenSource extends TokenSource {
  /** What it was asked for, in order. */
  readonly queries: TokenQuery[];
  /** The values of the tokens that were told to be accepted. */
  readonly acceptedValues: string[];
}

function tokenOf(value: string): AccessToken {
  return new AccessToken({ value, expiresAt: Number.MAX_SAFE_INTEGER, scope: undefined });
}

/** A token source that hands out the given tokens in turn; an Error among them is thrown instead. */
export function fakeTokenSource(...results: (string | Error)[]): FakeTokenSource {
  const queries: TokenQuery[] = [];
  const acceptedValues: string[] = [];
  return {
    queries,
    acceptedValues,
    async getToken(query = {}) {
      const result = results[queries.length];
      queries.push(query);
      if (result === undefined) throw new Error("No further token was expected to be asked for");
      if (result instanceof Error) throw result;
      return tokenOf(result);
    },
    invalidate() {},
    accepted: (token) => acceptedValues.push(token.value),
  };
}
