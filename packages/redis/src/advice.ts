/** What an answer of Redis tells, its code and on what a script met it, and what mends that. */
const advices: readonly (readonly [told: RegExp, advice: string])[] = [
  [
    /READONLY/,
    "This Redis is a replica, which takes no writes; connect the client to the primary, through Sentinel or as a cluster client where it moves",
  ],
  [
    /\bOOM\b/,
    "Redis is full; raise maxmemory, or set a maxmemory-policy that makes room, such as volatile-ttl",
  ],
  [
    /WRONGTYPE/,
    "A key of the token store holds a value of another type; give redisTokenStore a prefix that nothing else uses",
  ],
  [
    /NOPERM|ACL failure|can't run this command|can't access/,
    "The client's user of Redis may not do this; allow it EVALSHA, EVAL, GET, SET and DEL on the keys of the token store, as its README shows",
  ],
  [
    /NOAUTH|WRONGPASS/,
    "Redis does not accept the client's credentials; give the client the right username and password",
  ],
  [
    /^MOVED|^ASK/,
    "This Redis is a cluster; use a cluster client: Cluster of ioredis, or createCluster of redis",
  ],
  [
    /^QUEUED$|SUBSCRIBE|in subscriber mode/,
    "The Redis client is in a transaction or subscribed to a channel; give redisTokenStore a client of its own, such as client.duplicate()",
  ],
  [
    /same slots allocation group/,
    'Automatic pipelines of ioredis before 5.11 take scripts to the wrong node of a cluster; update it, or set its autoPipeliningIgnoredCommands to ["evalsha", "eval"]',
  ],
  [/MISCONF/, "Redis takes no writes because it cannot save to its disk; its log says why"],
  [
    /unknown command/i,
    "This server has no EVALSHA or EVAL; use Redis 2.6.12 or later or Valkey, with neither command renamed",
  ],
];

export const closed =
  "The Redis client is not connected; call connect() of redis when the app starts, and close the client last";

export const away =
  "The Redis client has no connection at present; check its address and that Redis is up. It connects again by itself";

/** An error with `advice`, which core passes on in its `store_failed` event. Nothing of the client's own error is kept. */
export function advised(advice: string): Error & { readonly advice: string } {
  return Object.assign(new Error(advice), { advice });
}

/** What to do about an answer of Redis. */
export function adviceFor(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message : "";
  return advices.find(([told]) => told.test(message))?.[1];
}
