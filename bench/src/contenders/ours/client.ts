import {
  createPersonifyClient,
  type PersonifyClient,
  type PersonifyClientOptions,
} from "@personify-auth/core";
import type { Target } from "../../contender.ts";

/** The options that all contenders of ours have. */
export function optionsFor({ origin, tokenUrl, clientId, clientSecret }: Target): PersonifyClientOptions {
  return {
    clientId,
    clientSecret,
    apiBaseUrl: origin,
    tokenUrl,
    tenantId: "tenant-1",
    allowInsecureHttp: "loopback",
  };
}

export function clientFor(target: Target): PersonifyClient {
  return createPersonifyClient(optionsFor(target));
}
