import { isIP, type Socket } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { certificateFault } from "./certificate-fault.ts";
import { type Finding, ok } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";
import { openTunnel, proxyFor, usesEnvProxy } from "./proxy-route.ts";

/** Whether both servers have a certificate that Node accepts. */
export async function checkTls(patient: Patient): Promise<Finding> {
  const urls = new Map([patient.tokenUrl, patient.apiUrl].map((url) => [url.origin, url]));
  const details: string[] = [];
  for (const url of urls.values()) {
    if (url.protocol === "http:") {
      details.push(`none to ${url.host}: http to this machine`);
      continue;
    }
    const signal = AbortSignal.any([patient.signal, AbortSignal.timeout(patient.timeout)]);
    try {
      const { refusal, certificate } = await shakeHands(url, patient.env, signal);
      if (refusal !== undefined) return certificateFault(refusal, url.host, certificate);
      details.push(`${url.host} until ${certificate.valid_to}`);
    } catch (error) {
      return noAnswer(error, url);
    }
  }
  return ok(details.join(", "));
}

interface Handshake {
  /** Why Node would not go on, where it would not. */
  readonly refusal: string | undefined;
  readonly certificate: PeerCertificate;
}

/** Accepts any certificate, so that it can be looked at, and sends nothing. */
async function shakeHands(url: URL, env: Patient["env"], signal: AbortSignal): Promise<Handshake> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const proxy = usesEnvProxy(env) ? proxyFor(url, env) : undefined;
  const tunnel: Socket | undefined =
    proxy === undefined ? undefined : (await openTunnel(new URL(proxy), url, signal)).socket;
  const route = tunnel === undefined ? { host: hostname, port: Number(url.port || 443) } : { socket: tunnel };
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...route,
      ...(isIP(hostname) === 0 ? { servername: hostname } : { host: hostname }),
      rejectUnauthorized: false,
    });
    const onAbort = () => socket.destroy(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    socket
      .on("secureConnect", () => {
        const { authorized, authorizationError } = socket;
        const refusal = authorized ? undefined : String(authorizationError?.message ?? authorizationError);
        resolve({ refusal, certificate: socket.getPeerCertificate() });
        socket.destroy();
      })
      .on("error", reject)
      .on("close", () => {
        signal.removeEventListener("abort", onAbort);
        reject(Object.assign(new Error(), { code: "ECONNRESET" }));
      });
  });
}
