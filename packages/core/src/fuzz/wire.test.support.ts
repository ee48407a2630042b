import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { createPersonifyClient } from "../client.ts";
import { isPersonifyError } from "../errors.ts";
import type { PathValues } from "../http/target.ts";
import { hostileHeaders } from "./headers.test.support.ts";
import { hostileUrls, hostileValues, type Neighbourhood } from "./hostile-urls.test.support.ts";
import type { Property } from "./property.test.support.ts";
import { checkOnGround, type Ground } from "./targets.test.support.ts";

const token = "the-token";
const tenantId = "the-tenant";

/** What arrived at the servers since the last call, with the host that each is. */
let arrived: { readonly host: string; readonly request: IncomingMessage }[] = [];
/** Where the first request of a call is redirected to. */
let location: string | undefined;

/** A server that does not keep the process alive; its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    arrived.push({ host, request });
    answer(request, response);
  });
  await once(server.listen(0, "127.0.0.1").unref(), "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return host;
}

const redirecting: RequestListener = (_request, response) => {
  const to = location;
  location = undefined;
  // As bytes of UTF-8, and without what a server could not send.
  const bytes = to && Buffer.from(to.replaceAll(/[\0-\x08\x0a-\x1f\x7f]/g, "")).toString("latin1");
  response
    .writeHead(bytes === undefined ? 200 : 307, bytes === undefined ? {} : { location: bytes })
    .end("{}");
};

const api = await serve(redirecting);
const files = await serve(redirecting);
const stranger = await serve((_request, response) => response.end("{}"));
const tokens = await serve((_request, response) =>
  response.end(JSON.stringify({ access_token: token, token_type: "Bearer", expires_in: 86_400 })),
);

const ground: Ground = { [`http://${api}`]: "/base/", [`http://${files}`]: "/" };
const neighbourhood: Neighbourhood = {
  scheme: "http",
  friends: [api, files],
  strangers: [stranger, stranger, tokens, api.replace("127.0.0.1", "localhost")],
  paths: ["/", "", "/base/", "/base", "base/", "/a/b"],
};

const client = createPersonifyClient({
  clientId: "client",
  clientSecret: "secret",
  tenantId,
  apiBaseUrl: `http://${api}/base`,
  allowedOrigins: [`http://${files}`],
  tokenUrl: `http://${tokens}/token`,
  allowInsecureHttp: "loopback",
  retry: false,
});

interface WireInput {
  readonly call: "get" | "fetch" | "fetch a Request";
  readonly url: string;
  readonly values: PathValues;
  readonly headers: readonly (readonly [string, string])[];
  readonly redirectedTo: string | undefined;
}

/** What undici and Node's fetch add of their own. */
const ownHeaders = [
  ...["accept", "accept-encoding", "accept-language", "authorization", "connection", "host"],
  ...["sec-fetch-mode", "user-agent", "x-tenant-id"],
];

export const wire: Property<WireInput> = {
  name: "wire",
  rule: "what real servers receive of calls and of the redirects that they answer is on allowed ground, with one token and tenant and no header that was not asked for",
  inputs: fc.record({
    call: fc.constantFrom("get", "fetch", "fetch a Request"),
    url: hostileUrls(neighbourhood),
    values: hostileValues(neighbourhood),
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, hostileHeaders),
    redirectedTo: fc.option(hostileUrls(neighbourhood), { nil: undefined }),
  }),
  shares: { sent: 0.1, redirected: 0.02, refused: 0.1 },
  oneIn: 20,
  async check({ call, url, values, headers, redirectedTo }) {
    await client.getAccessToken();
    arrived = [];
    location = redirectedTo;
    const failure = await send(call, url, values, headers).catch((error: unknown) => error ?? "nothing");
    checkFailure(failure, call);
    for (const { host, request } of arrived) {
      checkOnGround(ground, `http://${host}`, request.url ?? "");
      checkHeaders(request, host, headers);
    }
    if (arrived.length === 0) return "refused";
    return arrived.length === 1 ? "sent" : "redirected";
  },
};

async function send(
  call: WireInput["call"],
  url: string,
  values: PathValues,
  headers: WireInput["headers"],
): Promise<undefined> {
  if (call === "get") {
    const path = Object.fromEntries(Object.entries(values).filter(([name]) => url.includes(`{${name}}`)));
    await client.get(url, { path, headers: Object.fromEntries(headers) });
    return;
  }
  // What is no URL or no header is refused by the runtime itself.
  const isRequest = call === "fetch a Request" && URL.canParse(url) && !/\/\/[^/]*@/.test(url);
  const init = { headers: headers as [string, string][] };
  const response = await client.fetch(isRequest ? new Request(url, init) : url, isRequest ? {} : init);
  await response.arrayBuffer();
}

/** Calls reject with a PersonifyError; fetch with a TypeError, as fetch does, where it is not for us to refuse. */
function checkFailure(failure: unknown, call: WireInput["call"]): void {
  if (failure === undefined || isPersonifyError(failure)) return;
  if (call !== "get" && failure instanceof TypeError) return;
  throw failure;
}

function checkHeaders(request: IncomingMessage, host: string, given: WireInput["headers"]): void {
  const { rawHeaders } = request;
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const valuesOf = (name: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && names[(index - 1) / 2] === name);
  const expected = { authorization: `Bearer ${token}`, "x-tenant-id": tenantId, host };
  for (const [name, value] of Object.entries(expected)) {
    if (valuesOf(name).join() !== value) throw new Error(`${name} arrived as ${valuesOf(name).join()}`);
  }
  const asked = new Set([...ownHeaders, ...given.map(([name]) => name.toLowerCase())]);
  const other = names.find((name) => !asked.has(name));
  if (other !== undefined) throw new Error(`${other} was not asked for`);
}
