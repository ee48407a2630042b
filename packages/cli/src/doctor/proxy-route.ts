import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";

type Env = Readonly<Record<string, string | undefined>>;

/** Whether Node's own fetch, and so the client, reads the proxy's variables. */
export function usesEnvProxy(env: Env): boolean {
  return env["NODE_USE_ENV_PROXY"] === "1" || /--use-env-proxy\b/.test(env["NODE_OPTIONS"] ?? "");
}

/** The proxy that the environment names for `url`, whether or not Node uses it. */
export function proxyFor(url: URL, env: Env): string | undefined {
  const read = (name: string) => (env[name.toLowerCase()] ?? env[name]) || undefined;
  const plain = read("HTTP_PROXY");
  const proxy = url.protocol === "https:" ? (read("HTTPS_PROXY") ?? plain) : plain;
  return proxy === undefined || isExcepted(url, read("NO_PROXY") ?? "") ? undefined : proxy;
}

function isExcepted({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .filter(Boolean)
    .some((entry) => {
      if (entry === "*") return true;
      const [, name = entry, onlyPort] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (onlyPort !== undefined && onlyPort !== ownPort) return false;
      return /^[.*]/.test(name) ? hostname.endsWith(name.replace(/^\*/, "")) : hostname === name;
    });
}

/** What a proxy said to CONNECT: the tunnel, where `status` is 2xx. */
interface Tunnel {
  readonly status: number;
  readonly socket: Socket;
}

/** Asks the proxy for a tunnel to `url`. Rejects where the proxy does not answer. */
export function openTunnel(proxy: URL, url: URL, signal: AbortSignal): Promise<Tunnel> {
  const { hostname, port, username, password } = proxy;
  const send = proxy.protocol === "https:" ? httpsRequest : httpRequest;
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const target = `${url.hostname}:${url.port || (url.protocol === "https:" ? 443 : 80)}`;
  return new Promise((resolve, reject) => {
    send({
      method: "CONNECT",
      hostname: hostname.replace(/^\[|\]$/g, ""),
      port: port || (proxy.protocol === "https:" ? 443 : 80),
      path: target,
      headers: {
        host: target,
        ...(username === "" ? {} : { "proxy-authorization": `Basic ${btoa(credentials)}` }),
      },
      agent: false,
      signal,
    })
      .on("connect", ({ statusCode = 0 }: IncomingMessage, socket: Socket) => {
        resolve({ status: statusCode, socket });
      })
      .on("response", (answer) => {
        answer.destroy();
        resolve({ status: answer.statusCode ?? 0, socket: answer.socket });
      })
      .on("error", reject)
      .end();
  });
}
