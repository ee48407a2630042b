/** The part of RFC 6749 §5.1 that a user of an HTTP library reads. */
export interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
}

/**
 * What is commonly written around a library that keeps no token: use it until it expires, then ask for another.
 * No allowance for the way to the API, which would make a token of 2 s useless.
 */
export function cachedToken(requestToken: () => Promise<TokenAnswer>): () => Promise<string> {
  let token: string | undefined;
  let expiresAt = 0;
  return async () => {
    if (token === undefined || Date.now() >= expiresAt) {
      const answer = await requestToken();
      token = answer.access_token;
      expiresAt = Date.now() + answer.expires_in * 1_000;
    }
    return token;
  };
}
