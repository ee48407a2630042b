import { type Finding, fault, ok } from "./finding.ts";
import type { Patient } from "./patient.ts";
import { openTunnel, proxyFor, usesEnvProxy } from "./proxy-route.ts";

/** Whether the proxy, where Node uses one, opens a tunnel to both servers. */
export async function checkProxy({ tokenUrl, apiUrl, env, timeout, signal }: Patient): Promise<Finding> {
  const routes = [tokenUrl, apiUrl].flatMap((url) => {
    const proxy = proxyFor(url, env);
    return proxy === undefined ? [] : [{ url, proxy }];
  });
  if (routes.length === 0) return ok("none");
  if (!usesEnvProxy(env)) return ok("one is set, and not used: Node does so with NODE_USE_ENV_PROXY=1 alone");
  for (const { url, proxy } of routes) {
    if (!/^https?:$/.test(URL.parse(proxy)?.protocol ?? "")) {
      return fault(
        "proxy_unreachable",
        "the proxy's variable holds no http:// URL",
        "mend HTTPS_PROXY or HTTP_PROXY",
      );
    }
    const finding = await tryTunnel(
      new URL(proxy),
      url,
      AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    );
    if (finding !== undefined) return finding;
  }
  return ok(`${[...new Set(routes.map(({ proxy }) => new URL(proxy).host))].join(", ")} lets both through`);
}

async function tryTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Finding | undefined> {
  try {
    const { status, socket } = await openTunnel(proxy, url, signal);
    socket.destroy();
    if (status >= 200 && status < 300) return undefined;
    if (status === 407) {
      const isRefused = proxy.username !== "";
      return fault(
        "proxy_auth_needed",
        `the proxy ${proxy.host} ${isRefused ? "refuses its URL's" : "wants a"} user name and password (HTTP 407)`,
        isRefused
          ? "check them, and that what is no letter or digit in them is percent-encoded"
          : "put them into the proxy's URL: http://user:password@host:port",
      );
    }
    return fault(
      "proxy_refused",
      `the proxy ${proxy.host} refuses a tunnel to ${url.host} (HTTP ${status})`,
      `have ${url.host} allowed there, or add it to NO_PROXY if it can be reached without`,
    );
  } catch (error) {
    const { code = "no reason given" } = error as NodeJS.ErrnoException;
    return fault(
      "proxy_unreachable",
      `the proxy ${proxy.host} ${signal.aborted ? "does not answer in time" : `cannot be reached (${code})`}`,
      "check HTTPS_PROXY and HTTP_PROXY, or unset NODE_USE_ENV_PROXY if no proxy is needed",
    );
  }
}
