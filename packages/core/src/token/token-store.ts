/** A token at rest: encrypted under a key that only holders of the client secret can derive. */
export interface StoredToken {
  /** The encrypted token, as text. */
  readonly sealed: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/**
 * Where several clients or processes share tokens. Keys are HMACs and values are sealed, so a store never sees a
 * secret, a token or a client id. Each call is given 250 ms and may be aborted; a store that throws, hangs or
 * returns rubbish never fails a call. What it throws may have an `advice`, a text for the `store_failed` event: what is
 * wrong and how to mend it, without a key, a value or an address.
 */
export interface TokenStore {
  /** The token under `key`, or undefined. An expired one may be returned: it is ignored. */
  get(key: string, options: { signal: AbortSignal }): Promise<StoredToken | undefined>;
  /**
   * Keeps `token` unless the one held expires later. It is kept then too where the one held has `replaces` as its
   * `sealed`: the API rejects that one, or it cannot be read. May be dropped at `expiresAt`.
   */
  set(
    key: string,
    token: StoredToken,
    options: { signal: AbortSignal; replaces?: string | undefined },
  ): Promise<void>;
  /**
   * Gives the right to fetch a token to one caller at a time, for at most `ttl` ms; undefined where another caller
   * has it. Leave it out where the store is not shared between processes.
   */
  lease?(
    key: string,
    options: { ttl: number; signal: AbortSignal },
  ): Promise<{ release(): Promise<void> } | undefined>;
}

/**
 * A token store in this process's memory, for several clients with the same credentials. A single client needs
 * none: it remembers its own token.
 *
 * @param options - How many to keep.
 * @param options.maxEntries - Credential sets kept; the least recently used goes first. Default 1,000.
 */
export function memoryTokenStore({ maxEntries = 1_000 }: { maxEntries?: number } = {}): TokenStore {
  const tokens = new Map<string, StoredToken>();
  const leases = new Map<string, { readonly endsAt: number }>();

  /** A Map iterates in order of insertion, so the first key is the one unused for longest. */
  function use<V>(entries: Map<string, V>, key: string, value: V): void {
    entries.delete(key);
    entries.set(key, value);
    const [oldest] = entries.keys();
    if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
  }

  return {
    async get(key) {
      const held = tokens.get(key);
      if (held !== undefined) use(tokens, key, held);
      return held;
    },
    async set(key, token, { replaces }) {
      const held = tokens.get(key);
      const isKept = held !== undefined && held.expiresAt > token.expiresAt && held.sealed !== replaces;
      use(tokens, key, isKept ? held : token);
    },
    async lease(key, { ttl }) {
      const held = leases.get(key);
      if (held !== undefined && held.endsAt > Date.now()) return undefined;
      const lease = { endsAt: Date.now() + ttl };
      use(leases, key, lease);
      return {
        async release() {
          if (leases.get(key) === lease) leases.delete(key);
        },
      };
    },
  };
}
