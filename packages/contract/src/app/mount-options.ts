import {
  type BaseOptions,
  createPersonifyClient,
  type MiddlewareOptions,
  type PersonifyClient,
} from "@personify-auth/core";
import type { ClientSettings, Mount, TenantRule } from "./contract-app.ts";
import { witness } from "./witness.ts";

/** What the rules read of a framework's request. */
export interface RequestFacts {
  readonly header: (name: string) => string | undefined;
  /** Without the port. */
  readonly hostname: string;
  /** What the authentication middleware has set, if it has run. */
  readonly authenticatedTenant: string | undefined;
}

/** A mount as the adapter's options. `factsOf` reads the framework's own request. */
export function mountOptions<R>(mount: Mount, factsOf: (request: R) => RequestFacts): MiddlewareOptions<R> {
  const { client, isShared, tenant, allowedTenants, forwardHeaders } = mount;
  const tenantId =
    tenant?.from === "option"
      ? tenant.tenantId
      : tenant && ((request: R) => tenantOf(tenant, factsOf(request)));
  const options = isShared ? { client: sharedClient(client) } : countingSecrets(client);
  return { ...options, tenantId, allowedTenants, forwardHeaders };
}

function tenantOf(rule: Exclude<TenantRule, { from: "option" }>, facts: RequestFacts): string | undefined {
  if (rule.from === "header") return facts.header(rule.name);
  if (rule.from === "host") return facts.hostname.split(".")[0];
  return facts.authenticatedTenant;
}

const sharedClients = new Map<string, PersonifyClient>();

/** An address may come again, with another server behind it. */
export function forgetSharedClients(): void {
  sharedClients.clear();
}

function sharedClient(settings: ClientSettings): PersonifyClient {
  const key = JSON.stringify(settings);
  const client = sharedClients.get(key) ?? createPersonifyClient(countingSecrets(settings));
  sharedClients.set(key, client);
  return client;
}

function countingSecrets({ clientSecret, ...settings }: ClientSettings): BaseOptions {
  return {
    ...settings,
    clientSecret() {
      witness.secretsAsked += 1;
      return clientSecret;
    },
  };
}
