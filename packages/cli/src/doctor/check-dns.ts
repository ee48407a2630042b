import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { type Finding, fault, ok } from "./finding.ts";
import type { Patient } from "./patient.ts";
import { proxyFor, usesEnvProxy } from "./proxy-route.ts";

/** Whether each host that is connected to has an address: the proxy, where one is in use, knows the others. */
export async function checkDns({ tokenUrl, apiUrl, env, signal }: Patient): Promise<Finding> {
  const hosts = new Map<string, boolean>();
  for (const url of [tokenUrl, apiUrl]) {
    const proxy = proxyFor(url, env);
    const isUsed = proxy !== undefined && usesEnvProxy(env) && URL.canParse(proxy);
    hosts.set((isUsed ? new URL(proxy) : url).hostname, proxy !== undefined && !isUsed);
  }
  const found: string[] = [];
  // The system's resolver takes no signal.
  const stopped = once(signal, "abort").then(() => Promise.reject(signal.reason));
  for (const [host, hasIdleProxy] of hosts) {
    try {
      const { address } = await Promise.race([lookup(host.replace(/^\[|\]$/g, "")), stopped]);
      found.push(address === host ? host : `${host} is ${address}`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const mend = hasIdleProxy
        ? "a proxy is set, but Node uses it only with NODE_USE_ENV_PROXY=1: set that"
        : "check the spelling of the URL, and this machine's DNS, VPN and network";
      return fault("dns_failed", `no address for ${host} (${code})`, mend);
    }
  }
  return ok(found.join(", "));
}
