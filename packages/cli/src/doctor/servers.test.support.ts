import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { pipeline } from "node:stream";
import { text } from "node:stream/consumers";
import { createServer as createTlsServer } from "node:tls";
import { generate } from "selfsigned";

interface Running {
  readonly port: number;
  close(): Promise<void>;
}

async function start(server: Server): Promise<Running> {
  const sockets = new Set<{ destroy(): void }>();
  server.on("connection", (socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const day = 86_400_000;

/** TLS for `host`, valid between these days from now, before what listens at `upstream`. */
export async function startTls(given: { host?: string; from?: number; until?: number; upstream: string }) {
  const { host = "localhost", from = -1, until = 1, upstream } = given;
  const { private: key, cert } = await generate([{ name: "commonName", value: host }], {
    notBeforeDate: new Date(Date.now() + from * day),
    notAfterDate: new Date(Date.now() + until * day),
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: host }] }],
  });
  const server = createTlsServer({ key, cert }, (socket) => {
    pipeline(socket, connect(Number(new URL(upstream).port), "127.0.0.1"), socket, () => {});
  });
  return { ...(await start(server.on("tlsClientError", () => {}))), cert };
}

/** A proxy that answers each CONNECT with this status, and tunnels on 200. */
export async function startProxy(status: number) {
  const asked: { target: string; authorization: string | undefined }[] = [];
  const server = createServer().on("connect", ({ url = "", headers }, socket) => {
    asked.push({ target: url, authorization: headers["proxy-authorization"] });
    socket.write(`HTTP/1.1 ${status} Whatever\r\n\r\n`);
    if (status !== 200) return socket.end();
    const [, port] = url.split(":");
    return pipeline(socket, connect(Number(port), "127.0.0.1"), socket, () => {});
  });
  return { ...(await start(server)), asked };
}

/** Takes connections, and says nothing. */
export function startSilence() {
  return start(createTcpServer());
}

/** Answers JSON that has no end. */
export function startEndless() {
  const items = Buffer.from(`${'"an item",'.repeat(100_000)}`);
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write("[");
    const more = () => {
      while (!response.destroyed && response.write(items));
    };
    response.on("drain", more);
    more();
  });
  return start(server);
}

/** A token endpoint that answers what `judge` makes of the form and the Authorization header. */
export async function startTokenEndpoint(
  judge: (form: URLSearchParams, authorization: string | undefined) => { status: number; body: object },
) {
  const server = createServer(async (request: IncomingMessage, response) => {
    const form = new URLSearchParams(await text(request));
    const { status, body } = judge(form, request.headers.authorization);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  return start(server);
}
