import { DurableObject } from "cloudflare:workers";
import type { StoredToken } from "@personify-auth/core";

interface Lease {
  readonly holder: string;
  /** Epoch ms, by the clock of the object. */
  readonly endsAt: number;
}

/**
 * The token of one credential set, and the right to fetch the next one. Export it from your Worker, name it under
 * `new_sqlite_classes`, and bind its namespace; `durableObjectTokenStore` makes a token store of that.
 *
 * Between calls it holds nothing in memory and runs no timer, so it is evicted whenever it is idle. Its storage is
 * emptied once all in it has expired.
 */
export class PersonifyTokenStore extends DurableObject {
  /** The token, sealed as the store of a client set it. */
  get(): StoredToken | undefined {
    return this.ctx.storage.kv.get<StoredToken>("token");
  }

  /** Keeps `token` unless the one held expires later and is not `replaces`. */
  async set(token: StoredToken, replaces?: string): Promise<void> {
    const held = this.get();
    if (held !== undefined && held.expiresAt > token.expiresAt && held.sealed !== replaces) return;
    this.ctx.storage.kv.put("token", token);
    await this.ctx.storage.setAlarm(lastEnd(this.ctx.storage));
  }

  /** Gives the lease to `holder` for `ttl` ms, unless another has it. */
  async lease(holder: string, ttl: number): Promise<boolean> {
    const now = Date.now();
    const held = this.ctx.storage.kv.get<Lease>("lease");
    if (held !== undefined && held.endsAt > now) return false;
    this.ctx.storage.kv.put("lease", { holder, endsAt: now + ttl });
    await this.ctx.storage.setAlarm(lastEnd(this.ctx.storage));
    return true;
  }

  /** Ends the lease, where `holder` still has it. */
  release(holder: string): void {
    const held = this.ctx.storage.kv.get<Lease>("lease");
    if (held?.holder === holder) this.ctx.storage.kv.delete("lease");
  }

  /** A token may have been set since it went off. */
  override async alarm(): Promise<void> {
    const end = lastEnd(this.ctx.storage);
    if (end > Date.now()) await this.ctx.storage.setAlarm(end);
    else await this.ctx.storage.deleteAll();
  }
}

/** When all that is stored has expired. */
function lastEnd({ kv }: PersonifyTokenStore["ctx"]["storage"]): number {
  return Math.max(kv.get<StoredToken>("token")?.expiresAt ?? 0, kv.get<Lease>("lease")?.endsAt ?? 0);
}
