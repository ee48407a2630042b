import type { BaseOptions } from "@personify-auth/core";

/** What an exhibitor directory needs to know, whatever framework it is written with. */
export interface DirectoryOptions {
  /** How to reach Personify. */
  personify: BaseOptions;
  /** Tenant ids by host name. A request to another host names its tenant in an X-Tenant-Id header. */
  tenantsByHost: ReadonlyMap<string, string>;
  /** Told of each error that an end user saw. */
  onError: (error: unknown) => void;
}
