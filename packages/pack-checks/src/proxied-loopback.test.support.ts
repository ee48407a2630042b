import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, connect, type Server } from "node:net";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import type { Emulator } from "@personify-auth/emulator";

/** An emulator behind TLS, its token endpoint and its API on a port each, and a proxy that tunnels to them. */
interface Loopback {
  readonly proxyUrl: string;
  readonly tokenUrl: string;
  readonly apiUrl: string;
  /** The file with the certificate of both ports. */
  readonly certificate: string;
  /** The host and port of each tunnel that the proxy was asked for. */
  readonly tunnels: readonly string[];
  /** How many connections both ports had, through the proxy or around it. */
  connections(): number;
  close(): void;
}

/** Uses the packages `proxy` and `selfsigned` that are installed in `folder`. */
export async function startLoopback(folder: string, emulator: Emulator): Promise<Loopback> {
  const load = createRequire(join(folder, "package.json"));
  const names = [{ name: "commonName", value: "localhost" }];
  const extensions = [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }];
  const pair = await load("selfsigned").generate(names, { extensions });
  const certificate = join(folder, "localhost.pem");
  await writeFile(certificate, pair.cert);

  let connections = 0;
  const { port } = new URL(emulator.apiBaseUrl);
  const createTerminator = () =>
    createTlsServer({ key: pair.private, cert: pair.cert }, (socket) => {
      connections += 1;
      const upstream = connect(Number(port), "127.0.0.1");
      pipeline(socket, upstream, socket, () => {});
    });
  const tunnels: string[] = [];
  const proxy = createServer().on("connect", ({ url }) => tunnels.push(url ?? ""));
  load("proxy").createProxy(proxy);

  const [token, api] = [createTerminator(), createTerminator()];
  const servers = [token, api, proxy];
  await Promise.all(servers.map((server) => once(server.listen(0, "localhost"), "listening")));
  return {
    proxyUrl: `http://localhost:${portOf(proxy)}`,
    tokenUrl: `https://localhost:${portOf(token)}${new URL(emulator.tokenUrl).pathname}`,
    apiUrl: `https://localhost:${portOf(api)}`,
    certificate,
    tunnels,
    connections: () => connections,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
