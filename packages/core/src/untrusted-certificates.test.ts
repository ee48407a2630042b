import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { generate } from "selfsigned";
import { Agent } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { emulated, failureOf } from "./client.test.support.ts";
import { createPersonifyClient } from "./client.ts";
import type { PersonifyClientOptions } from "./options.ts";

/** A token endpoint and an API on https://localhost, whose certificate is for `host` and signed by nobody. */
async function startTls(host: string) {
  const { private: key, cert } = await generate([{ name: "commonName", value: host }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: host }] }],
  });
  const received: string[] = [];
  const server = createServer({ key, cert }, ({ url = "" }, response) => {
    received.push(url);
    response.end(JSON.stringify(url === "/connect/token" ? { access_token: "a-token-4711" } : {}));
  });
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, cert, received };
}

function trusting(ca: string): Partial<PersonifyClientOptions> {
  const dispatcher = new Agent({ connect: { ca } });
  onTestFinished(() => dispatcher.close());
  return { dispatcher };
}

const options = (url: string): PersonifyClientOptions => ({
  clientId: "the-client",
  clientSecret: "s3cr3t-4711",
  tenantId: "the-tenant",
  tokenUrl: `${url}/connect/token`,
  apiBaseUrl: url,
});

type Trust = (cert: string) => Partial<PersonifyClientOptions>;
const cases: [who: string, host: string, trust: Trust][] = [
  ["nobody vouches for", "localhost", () => ({})],
  ["nobody vouches for, through a fetch,", "localhost", () => ({ fetch: globalThis.fetch })],
  ["is another host's", "elsewhere.example", trusting],
];

test.each(cases)("a server whose certificate %s gets no secret, and no token", async (_who, host, trust) => {
  const { emulator, client } = await emulated();
  const { url, cert, received } = await startTls(host);
  const settings = trust(cert);

  const noToken = await failureOf(createPersonifyClient({ ...options(url), ...settings }).get("/a"));
  const noCall = await failureOf(client({ apiBaseUrl: url, ...settings }).get("/a"));

  expect(noToken).toMatchObject({ code: "token_network_error", retryable: false });
  expect(noCall).toMatchObject({ code: "network_error", retryable: false });
  expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  expect(received).toEqual([]);
});

test("one whose certificate is its own and vouched for gets both", async () => {
  const { url, cert, received } = await startTls("localhost");

  await createPersonifyClient({ ...options(url), ...trusting(cert) }).get("/a");

  expect(received).toEqual(["/connect/token", "/a"]);
});
