import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type Answer,
  drawNothing,
  failureOf,
  granting,
  inTurn,
  json,
  scripted,
  until,
} from "./client.test.support.ts";
import { collectGarbage } from "./collect-garbage.test.support.ts";
import { NetworkError, TimeoutError } from "./errors.ts";
import type { PersonifyClientOptions } from "./options.ts";

const mebibyte = 1024 * 1024;
/** What both ends of a connection may hold of what was sent, with room to spare. */
const underWay = 16 * mebibyte;

const transports: Record<string, Partial<PersonifyClientOptions>> = {
  undici: {},
  fetch: { fetch: globalThis.fetch },
};

/** Writes an answer past the HTTP server, then ends the connection. */
const raw =
  (bytes: string): Answer =>
  (_request, response) =>
    void response.socket?.end(bytes);

const cutOff: Record<string, Answer> = {
  "with a content-length": raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n"),
  "in chunks": raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
  "in the middle of a header": raw("HTTP/1.1 200 OK\r\ncontent-type: appl"),
  "by a reset": (_request, response) =>
    void response.socket?.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", () =>
      response.socket?.resetAndDestroy(),
    ),
};
const empty = raw("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");

/** An answer that goes on for as long as the client listens. */
interface Unending {
  readonly answer: Answer;
  /** Bytes of its body that were sent. */
  sent(): number;
  /** How many clients have hung up. */
  hungUp(): number;
}

function unending(
  send: (response: ServerResponse, write: (bytes: string | Uint8Array) => boolean) => void,
): Unending {
  let sent = 0;
  let hungUp = 0;
  return {
    sent: () => sent,
    hungUp: () => hungUp,
    answer(_request, response) {
      response.on("close", () => hungUp++);
      response.on("error", () => {});
      send(response, (bytes) => {
        sent += bytes.length;
        return response.write(bytes);
      });
    },
  };
}

/** A byte every few ms: never silent, never done. */
function dripping(status = 200): Unending {
  return unending((response, write) => {
    response.writeHead(status);
    const drip = setInterval(() => write(" "), 5);
    response.on("close", () => clearInterval(drip));
  });
}

/** As much as the client takes. */
function gushing(status: number, headers: Record<string, number> = {}): Unending {
  const block = Buffer.alloc(65_536, " ");
  return unending((response, write) => {
    response.writeHead(status, headers);
    const pour = () => {
      while (!response.destroyed && write(block));
    };
    response.on("drain", pour);
    pour();
  });
}

const gigabyte: Record<string, Record<string, number>> = {
  "with a content-length": { "content-length": 1024 * mebibyte },
  "in chunks": {},
};

describe.each(Object.entries(transports))("on the %s transport", (_name, transport) => {
  describe("a token endpoint", () => {
    test.each(Object.entries(cutOff))(
      "whose answer ends after its headers %s fails the call",
      async (_how, answer) => {
        drawNothing();
        const { endpoint, api, client } = await scripted(answer);

        const failure = await failureOf(client(transport).get("/a"));

        expect(failure).toBeInstanceOf(NetworkError);
        expect(failure).toMatchObject({ code: "token_network_error", status: 502, retryable: true });
        expect(endpoint.requests).toHaveLength(3);
        expect(api.requests).toEqual([]);
      },
    );

    test("whose answer has no body fails the call", async () => {
      const { endpoint, api, client } = await scripted(empty);

      expect(await failureOf(client(transport).get("/a"))).toMatchObject({ code: "token_response_invalid" });
      expect(endpoint.requests).toHaveLength(1);
      expect(api.requests).toEqual([]);
    });

    test("whose answer drips is given timeout.token, then hung up on", async () => {
      const drip = dripping();
      const { endpoint, client } = await scripted(drip.answer);

      const failure = await failureOf(client({ ...transport, timeout: { token: 500 } }).get("/a"));

      expect(failure).toBeInstanceOf(TimeoutError);
      expect(failure).toMatchObject({ code: "token_timeout", status: 504 });
      await until(() => expect(drip.hungUp()).toBe(1));
      expect(endpoint.requests).toHaveLength(1);
    });

    test.each(Object.entries(gigabyte))(
      "whose answer has a gigabyte %s is hung up on long before its end",
      async (_how, headers) => {
        const gush = gushing(200, headers);
        const { endpoint, api, client } = await scripted(gush.answer);

        const failure = await failureOf(client(transport).get("/a"));

        expect(failure).toMatchObject({ code: "response_too_large", status: 502, retryable: false });
        await until(() => expect(gush.hungUp()).toBe(1));
        expect(gush.sent()).toBeLessThan(mebibyte + underWay);
        expect(endpoint.requests).toHaveLength(1);
        expect(api.requests).toEqual([]);
      },
    );
  });

  describe("an API", () => {
    test.each(Object.entries(cutOff))(
      "whose answer ends after its headers %s fails the call",
      async (_how, answer) => {
        const { api, client } = await scripted(granting(), answer);
        const personify = client(transport);

        const failures = [
          await failureOf(personify.get("/a")),
          await failureOf(personify.post("/a", { b: 1 })),
        ];

        for (const failure of failures) {
          expect(failure).toMatchObject({ name: "NetworkError", code: "network_error", status: 502 });
        }
        expect(api.requests.map(({ method }) => method)).toEqual(["GET", "GET", "GET", "POST"]);
      },
    );

    test("whose answer has no body has none for the caller", async () => {
      const { client } = await scripted(granting(), empty);

      expect(await client(transport).get("/a")).toBeUndefined();
    });

    test("whose answer drips is given timeout.request, then hung up on", async () => {
      const drip = dripping();
      const { api, client } = await scripted(granting(), drip.answer);
      const personify = client(transport);
      await personify.getAccessToken();

      const failure = await failureOf(personify.get("/a", { timeout: 500 }));

      expect(failure).toMatchObject({ name: "TimeoutError", code: "request_timeout", status: 504 });
      await until(() => expect(drip.hungUp()).toBe(1));
      expect(api.requests).toHaveLength(1);
    });

    test.each(Object.entries(gigabyte))(
      "whose answer has a gigabyte %s is hung up on long before its end",
      async (_how, headers) => {
        const gush = gushing(200, headers);
        const { api, client } = await scripted(granting(), gush.answer);

        const failure = await failureOf(client(transport).get("/a"));

        expect(failure).toMatchObject({ code: "response_too_large", status: 502, retryable: false });
        await until(() => expect(gush.hungUp()).toBe(1));
        expect(gush.sent()).toBeLessThan(64 * mebibyte + underWay);
        expect(api.requests).toHaveLength(1);
      },
    );

    test("whose 401 to fetch() is unending is called again with a new token all the same", async () => {
      for (const rejection of [dripping(401), gushing(401)]) {
        const { api, client } = await scripted(granting(), inTurn(rejection.answer, json(200, { a: 1 })));

        const answer = await client(transport).fetch("/a");

        expect(await answer.json()).toEqual({ a: 1 });
        expect(api.requests).toHaveLength(2);
        expect(rejection.sent()).toBeLessThan(underWay);
      }
    });

    test("whose 401 to fetch() gushes is hung up on", async () => {
      const rejection = gushing(401);
      const { client } = await scripted(granting(), inTurn(rejection.answer, json(200, {})));

      await client(transport).fetch("/a");

      await until(() => expect(rejection.hungUp()).toBe(1));
    });
  });
});

describe("memory", () => {
  /** Bytes in use, once they change no more. */
  async function settledHeap(): Promise<number> {
    for (let before = 0; ; ) {
      await sleep(20);
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      if (Math.abs(heapUsed + arrayBuffers - before) < mebibyte / 4) return heapUsed + arrayBuffers;
      before = heapUsed + arrayBuffers;
    }
  }

  test.each(Object.entries(transports))(
    "stays within a few times the size of an answer in chunks of one byte, on the %s transport",
    async (_name, transport) => {
      const size = 200_000;
      const { api, client } = await scripted(
        granting(),
        (_request, response) =>
          void response.socket?.write(
            `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${"1\r\n1\r\n".repeat(size)}`,
          ),
      );
      const personify = client(transport);
      const stop = new AbortController();
      await personify.getAccessToken();
      const before = await settledHeap();

      const call = failureOf(personify.get("/a", { signal: stop.signal }));
      await until(() => expect(api.requests).toHaveLength(1));
      const during = await settledHeap();
      stop.abort(new Error("enough"));

      expect((await call).message).toBe("enough");
      // A list of them takes over 100 bytes for each.
      expect(during - before).toBeLessThan(size * 40);
    },
  );
});

test("a token endpoint whose answer a fetch unpacks to more than 1 MiB fails the call", async () => {
  const packed = gzipSync(Buffer.alloc(64 * mebibyte, " "));
  expect(packed.byteLength).toBeLessThan(mebibyte);
  const { client } = await scripted(
    (_request, response) => void response.writeHead(200, { "content-encoding": "gzip" }).end(packed),
  );

  const failure = await failureOf(client({ fetch: globalThis.fetch }).get("/a"));

  expect(failure).toMatchObject({ code: "response_too_large" });
});
