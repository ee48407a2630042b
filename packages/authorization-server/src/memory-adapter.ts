import type { Adapter, AdapterFactory, AdapterPayload } from "oidc-provider";

/**
 * Storage of one server. oidc-provider's own in-memory adapter warns at startup; client credentials
 * need no more than this. Expiry is not looked at: oidc-provider checks the `exp` of what it finds.
 */
export function createMemoryAdapter(): AdapterFactory {
  const stored = new Map<string, AdapterPayload>();

  return (model: string): Adapter => ({
    async upsert(id, payload) {
      stored.set(`${model}:${id}`, payload);
    },
    async find(id) {
      return stored.get(`${model}:${id}`);
    },
    async destroy(id) {
      stored.delete(`${model}:${id}`);
    },
    findByUserCode: notNeeded,
    findByUid: notNeeded,
    consume: notNeeded,
    revokeByGrantId: notNeeded,
  });
}

async function notNeeded(): Promise<never> {
  throw new Error("Only client credentials are stored here");
}
