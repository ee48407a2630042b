import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import fc from "fast-check";
import { isPersonifyError } from "../errors.ts";
import { createTransport } from "../http/undici-transport.ts";
import { buildTokenRequest, judgeTokenResponse, sendTokenRequest } from "../token/token-endpoint.ts";
import type { Property } from "./property.test.support.ts";
import { endpoint, tokenBodies } from "./token-responses.test.support.ts";

const secret = "s3cr+t & wörd/%";

/** What the next connection is answered, byte for byte. "{request}" becomes what was received. */
let answer = Buffer.alloc(0);

const server = createServer((socket) => {
  socket.on("error", () => {});
  socket.once("data", (request) => {
    socket.end(
      Buffer.from(answer.toString("latin1").replace("{request}", request.toString("latin1")), "latin1"),
    );
  });
});
await once(server.listen(0, "127.0.0.1").unref(), "listening");
const { port } = server.address() as AddressInfo;
const target = { ...endpoint, tokenUrl: new URL(`http://127.0.0.1:${port}/token`) };
const send = createTransport();

const strangeStatuses = ["", "HTTP/1.1 100 Continue", "HTTP/1.1 {request}", "HTTP/2 200", "ICY 200 OK"];
const plainHeaders = ["content-type: application/json", "connection: close", "retry-after: 5", "x-a: b"];
const strangeHeaders = [
  ...["content-length: 10", "content-length: 0", "content-length: 99999999", "content-length: -1", "x"],
  ...["transfer-encoding: chunked", "content-encoding: gzip", "upgrade: h2c", "x-a: {request}"],
];
const strangeBodies = ["{request}", "5\r\n{}\r\n", "0\r\n\r\n", "zz {request}"];

interface BytesInput {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
  /** Bytes put in somewhere, `at` from 0 to 1. */
  readonly noise: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

export const tokenBytes: Property<BytesInput> = {
  name: "token-bytes",
  rule: "whatever bytes a token endpoint sends are a token, or a typed error without the secret",
  inputs: fc.record({
    status: fc.oneof(
      { weight: 6, arbitrary: fc.constant("HTTP/1.1 200 OK") },
      { weight: 2, arbitrary: fc.constantFrom("HTTP/1.1 400 Bad Request", "HTTP/1.0 200 OK") },
      fc.constantFrom(...strangeStatuses),
    ),
    headers: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      fc.array(fc.constantFrom(...plainHeaders, ...strangeHeaders), { maxLength: 2 }),
    ),
    body: fc.oneof({ weight: 3, arbitrary: tokenBodies(secret) }, fc.constantFrom(...strangeBodies)),
    noise: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      fc.array(
        fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), bytes: fc.uint8Array({ maxLength: 8 }) }),
        { maxLength: 2 },
      ),
    ),
  }),
  shares: {
    "a token": 0.02,
    token_network_error: 0.05,
    token_response_invalid: 0.05,
    token_request_refused: 0.05,
  },
  oneIn: 50,
  async check({ status, headers, body, noise }) {
    answer = noise.reduce(
      (bytes, { at, bytes: piece }) => {
        const place = Math.floor(at * bytes.length);
        return Buffer.concat([bytes.subarray(0, place), piece, bytes.subarray(place)]);
      },
      Buffer.from([status, ...headers, "", body].join("\r\n")),
    );
    try {
      const request = await buildTokenRequest(target, secret, new AbortController().signal);
      judgeTokenResponse(await sendTokenRequest(send, request), target, secret);
    } catch (error) {
      if (!isPersonifyError(error)) throw error;
      const shown = error.message + JSON.stringify(error) + (error.cause ?? "");
      if (shown.includes("s3cr")) throw new Error(`The secret shows: ${shown}`);
      return error.code;
    }
    return "a token";
  },
};
