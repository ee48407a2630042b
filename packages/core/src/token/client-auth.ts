/** What identifies a client to the token endpoint (RFC 6749 §2.3). */
export interface ClientCredentials {
  /** The client identifier. */
  readonly clientId: string;
  /** The client secret, as it is now. */
  readonly clientSecret: string;
}

/**
 * Authenticates a token request by editing its form body and headers, nothing else. The function's `name` is part
 * of the key under which tokens are shared, so give your own method a name. Where it throws, calls reject with the
 * code `client_auth_failed`.
 */
export type ClientAuth = (
  credentials: ClientCredentials,
  body: URLSearchParams,
  headers: Headers,
) => void | Promise<void>;

/** `client_secret_post`: id and secret in the form body (RFC 6749 §2.3.1). The default, and what Personify documents. */
export function clientSecretPost(): ClientAuth {
  return function client_secret_post({ clientId, clientSecret }, body) {
    body.set("client_id", clientId);
    body.set("client_secret", clientSecret);
  };
}

/** `client_secret_basic`: id and secret, each form-urlencoded first, in HTTP Basic (RFC 6749 §2.3.1). */
export function clientSecretBasic(): ClientAuth {
  return function client_secret_basic(credentials, _body, headers) {
    headers.set("authorization", `Basic ${basicCredentials(credentials)}`);
  };
}

/** The credentials of HTTP Basic, as base64 (RFC 7617 §2). */
export function basicCredentials({ clientId, clientSecret }: ClientCredentials): string {
  return btoa(`${formEncode(clientId)}:${formEncode(clientSecret)}`);
}

// encodeURIComponent leaves -_.!~*'() alone. Encoding them too is right for every decoder, and keeps the bytes
// the same as those of other clients.
function formEncode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[-_.!~*'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
