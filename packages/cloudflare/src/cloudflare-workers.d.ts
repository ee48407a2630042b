/**
 * What is used of the runtime. Users have Cloudflare's own declarations of this module, by `wrangler types` or by
 * @cloudflare/workers-types; having both is an error, so this package brings neither.
 */
declare module "cloudflare:workers" {
  interface DurableObjectState {
    readonly storage: {
      readonly kv: {
        get<T>(key: string): T | undefined;
        put(key: string, value: unknown): void;
        delete(key: string): boolean;
      };
      setAlarm(epochMs: number): Promise<void>;
      deleteAll(): Promise<void>;
    };
  }

  export abstract class DurableObject {
    constructor(ctx: DurableObjectState, env: unknown);
    protected ctx: DurableObjectState;
    alarm?(): void | Promise<void>;
  }
}
