import { createHash } from "node:crypto";

/** What Redis runs as one step. Its first key is the only one, so it runs in a cluster too. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** The value held. */
export const get = script(`return redis.call("GET", KEYS[1])`);

/**
 * ARGV: epoch ms of the token's end, the token, ms until it may be dropped, and a token that gives way even where it ends
 * later. So does a value that begins with no number: it is not of this package.
 */
export const setLater = script(`
local held = redis.call("GET", KEYS[1])
local heldUntil, sealed = string.match(held or "", "^([^:]*):(.*)$")
heldUntil = tonumber(heldUntil)
if heldUntil and heldUntil > tonumber(ARGV[1]) and sealed ~= ARGV[4] then return 0 end
redis.call("SET", KEYS[1], ARGV[1] .. ":" .. ARGV[2], "PX", ARGV[3])
return 1
`);

/** ARGV: holder, ms. A client that sends a command again after a broken connection finds the lease its own. */
export const take = script(`
local holder = redis.call("GET", KEYS[1])
if not holder then redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) end
if not holder or holder == ARGV[1] then return 1 end
return 0
`);

/** ARGV: holder. */
export const giveBack = script(`
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0
`);

function script(source: string): Script {
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
