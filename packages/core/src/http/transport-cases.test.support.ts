import type { ServerResponse } from "node:http";
import { Agent, type Dispatcher } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { isPersonifyError, NetworkError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { closedPort, rejection, startTestServer } from "./test-server.test.support.ts";
import type { Transport, TransportRequest } from "./transport.ts";

/** A GET of `url`, with members changed. */
export function requestTo(url: URL, changes: Partial<TransportRequest> = {}): TransportRequest {
  return {
    method: "GET",
    url,
    headers: {},
    body: undefined,
    signal: new AbortController().signal,
    maxBytes: 100_000,
    ...changes,
  };
}

/** Writes an answer past the HTTP server, byte for byte. */
function sendRaw(response: ServerResponse, bytes: string | Uint8Array): void {
  response.socket?.write(bytes);
}

const secret = "Bearer s3cr3t-token";

/** What every transport must do, on real servers. A dispatcher is given where a case needs its own. */
export function describeTransport(create: (dispatcher?: Dispatcher) => Transport): void {
  describe("an answer", () => {
    test.each([200, 201, 202, 299, 301, 400, 401, 404, 429, 500, 503])(
      "of status %i resolves with status, headers and body",
      async (status) => {
        const server = await startTestServer((_request, response) =>
          response.writeHead(status, { "X-Trace": "t", "content-type": "application/json" }).end('{"a":1}'),
        );
        const answer = await create()(requestTo(server.url("/x")));
        expect(answer.status).toBe(status);
        expect(answer.body).toBe('{"a":1}');
        expect(answer.headers.get("x-trace")).toBe("t");
        expect(answer.headers.get("X-TRACE")).toBe("t");
        expect(answer.headers.get("x-absent")).toBeNull();
      },
    );

    test("keeps repeated headers, and cookies apart", async () => {
      const server = await startTestServer((_request, response) => {
        response.writeHead(200, [
          ...["set-cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
          ...["x-many", "1", "x-many", "2", "set-cookie", "b=2"],
        ]);
        response.end();
      });
      const { headers } = await create()(requestTo(server.url("/")));
      expect(headers.get("x-many")).toBe("1, 2");
      const copy = new Headers([...headers]);
      expect(copy.get("x-many")).toBe("1, 2");
      expect(copy.getSetCookie()).toEqual(["a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "b=2"]);
    });

    test("with headers beyond ASCII can be copied into Headers", async () => {
      const server = await startTestServer((_request, response) => {
        sendRaw(response, "HTTP/1.1 200 OK\r\nx-name: 日本\r\ncontent-length: 2\r\n\r\n{}");
      });
      const { headers } = await create()(requestTo(server.url("/")));
      const copy = new Headers([...headers]);
      // A header's bytes are read as Latin-1, as fetch reads them.
      expect(Buffer.from(copy.get("x-name") ?? "", "latin1").toString("utf8")).toBe("日本");
    });

    test("in UTF-8 that is split inside its characters is put together", async () => {
      const text = "ü日😀".repeat(3);
      const server = await startTestServer(async (_request, response) => {
        response.socket?.setNoDelay(true);
        for (const byte of Buffer.from(text)) {
          response.write(Buffer.of(byte));
          await new Promise(setImmediate);
        }
        response.end();
      });
      expect((await create()(requestTo(server.url("/")))).body).toBe(text);
    });

    test("in thousands of chunks is put together in their order", async () => {
      const numbers = Array.from({ length: 5_000 }, (_, index) => String(index));
      const chunks = numbers.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join("");
      const server = await startTestServer((_request, response) =>
        sendRaw(response, `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`),
      );
      expect((await create()(requestTo(server.url("/")))).body).toBe(numbers.join(""));
    });

    test("loses its byte order mark, so that it can be parsed as JSON", async () => {
      const server = await startTestServer((_request, response) =>
        response.end(Buffer.from([0xef, 0xbb, 0xbf, 0x31])),
      );
      expect((await create()(requestTo(server.url("/")))).body).toBe("1");
    });

    test("that is not UTF-8 is read with replacement characters", async () => {
      const server = await startTestServer((_request, response) =>
        response.end(Buffer.from([0x61, 0xff, 0x62, 0xc3])),
      );
      expect((await create()(requestTo(server.url("/")))).body).toBe("a\ufffdb\ufffd");
    });

    test.each([
      ["a content-length of 0", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"],
      ["no chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
      ["status 204", "HTTP/1.1 204 No Content\r\n\r\n"],
      ["status 205", "HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n"],
      ["status 304", "HTTP/1.1 304 Not Modified\r\n\r\n"],
    ])("with %s has an empty body", async (_what, bytes) => {
      const server = await startTestServer((_request, response) => sendRaw(response, bytes));
      expect((await create()(requestTo(server.url("/")))).body).toBe("");
    });

    test("to HEAD has headers and no body", async () => {
      const server = await startTestServer((_request, response) =>
        response.writeHead(200, { "content-length": 1_000 }).end(),
      );
      const answer = await create()(requestTo(server.url("/"), { method: "HEAD" }));
      expect(server.received[0]?.method).toBe("HEAD");
      expect(answer.body).toBe("");
      expect(answer.headers.get("content-length")).toBe("1000");
    });

    test("that ends with its connection is whole", async () => {
      const server = await startTestServer((_request, response) =>
        response.socket?.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nto the end"),
      );
      expect((await create()(requestTo(server.url("/")))).body).toBe("to the end");
    });

    test("that follows 1xx answers is the one that counts", async () => {
      const server = await startTestServer((_request, response) =>
        sendRaw(
          response,
          "HTTP/1.1 102 Processing\r\nx-early: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" +
            "HTTP/1.1 201 Created\r\nx-final: 1\r\ncontent-length: 2\r\n\r\nok",
        ),
      );
      const answer = await create()(requestTo(server.url("/")));
      expect([answer.status, answer.body]).toEqual([201, "ok"]);
      expect(answer.headers.get("x-final")).toBe("1");
      expect(answer.headers.get("x-early")).toBeNull();
      expect(answer.headers.get("link")).toBeNull();
    });

    test.each([301, 302, 303, 307, 308])("that redirects with %i is not followed", async (status) => {
      const server = await startTestServer((_request, response) =>
        response.writeHead(status, { location: "/elsewhere" }).end("moved"),
      );
      const answer = await create()(requestTo(server.url("/")));
      expect([answer.status, answer.body]).toEqual([status, "moved"]);
      expect(answer.headers.get("location")).toBe("/elsewhere");
      expect(server.received.map((request) => request.path)).toEqual(["/"]);
    });
  });

  describe("a request", () => {
    test("arrives with its method, path, query and headers, without its fragment", async () => {
      const server = await startTestServer();
      const headers = { authorization: secret, "x-tenant-id": "t1", "x-latin": "Köln" };
      await create()(requestTo(server.url("/a%2Fb?c=d&e=%20#f"), { method: "DELETE", headers }));
      const [received] = server.received;
      expect([received?.method, received?.path]).toEqual(["DELETE", "/a%2Fb?c=d&e=%20"]);
      expect(received?.headers).toMatchObject(headers);
      const names = received?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
      expect(names?.filter((name) => name === "authorization" || name === "x-tenant-id")).toHaveLength(2);
    });

    const large = new Uint8Array([0x78, 0x61, 0x62, 0x63, 0x78]);
    test.each<[string, string | Uint8Array, string]>([
      ["text in UTF-8", "Grüße 日本", "Grüße 日本"],
      ["an empty text", "", ""],
      ["bytes", new TextEncoder().encode("ü"), "ü"],
      ["a part of a larger buffer", large.subarray(1, 4), "abc"],
      ["200,000 bytes", "x".repeat(200_000), "x".repeat(200_000)],
    ])("carries %s with its content-length", async (_what, body, expected) => {
      const server = await startTestServer();
      await create()(
        requestTo(server.url("/"), { method: "POST", body, headers: { "content-type": "x/y" } }),
      );
      const [received] = server.received;
      expect(received?.body).toBe(expected);
      expect(received?.headers["content-length"]).toBe(String(Buffer.byteLength(expected)));
      expect(received?.headers["content-type"]).toBe("x/y");
    });

    test("carries a stream", async () => {
      const server = await startTestServer();
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const part of ["a", "ü", "z"]) controller.enqueue(new TextEncoder().encode(part));
          controller.close();
        },
      });
      await create()(requestTo(server.url("/"), { method: "PUT", body }));
      expect(server.received[0]?.body).toBe("aüz");
      expect(server.received[0]?.headers["transfer-encoding"]).toBe("chunked");
    });

    test("without a body says so where its method could have one", async () => {
      const server = await startTestServer();
      await create()(requestTo(server.url("/"), { method: "POST" }));
      expect(server.received[0]?.headers["content-length"]).toBe("0");
      expect(server.received[0]?.body).toBe("");
    });

    test("whose stream fails is a NetworkError without the stream's own error", async () => {
      const server = await startTestServer();
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error("s3cr3t-token")),
      });
      const error = await rejection(create()(requestTo(server.url("/"), { method: "PUT", body })));
      expect(error).toMatchObject({ code: "network_error" });
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    });
  });

  describe("an answer over maxBytes", () => {
    test.each([
      ["with a content-length", { "content-length": "1000000" }],
      ["in chunks", {}],
    ])("%s is cut off, and its connection dropped", async (_what, headers) => {
      const dropped = Promise.withResolvers<void>();
      const server = await startTestServer((request, response) => {
        request.socket.once("close", () => dropped.resolve());
        response.writeHead(200, headers).write("s3cr3t".repeat(1_000));
      });
      const error = await rejection(create()(requestTo(server.url("/"), { maxBytes: 5_000 })));
      await dropped.promise;
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({ code: "response_too_large", retryable: false, status: 502 });
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    });

    test("counts bytes; exactly maxBytes are let through", async () => {
      const server = await startTestServer((_request, response) => response.end("ü".repeat(10)));
      expect((await create()(requestTo(server.url("/"), { maxBytes: 20 }))).body).toBe("ü".repeat(10));
      expect(await rejection(create()(requestTo(server.url("/"), { maxBytes: 19 })))).toMatchObject({
        code: "response_too_large",
      });
    });
  });

  describe("no whole answer is a NetworkError", () => {
    test.each<[string, (response: ServerResponse) => void]>([
      [
        "a body shorter than its content-length",
        (response) => response.socket?.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ntoo short"),
      ],
      [
        "chunks without the last one",
        (response) =>
          response.socket?.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"),
      ],
      ["a reset before the headers", (response) => response.socket?.resetAndDestroy()],
      ["a close before the headers", (response) => response.socket?.end()],
      ["headers that are cut off", (response) => response.socket?.end("HTTP/1.1 200 OK\r\ncontent-le")],
      [
        "a reset after the headers",
        (response) =>
          response.socket?.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome", () =>
            response.socket?.resetAndDestroy(),
          ),
      ],
    ])("for %s", async (_what, answer) => {
      const server = await startTestServer((_request, response) => answer(response));
      const error = await rejection(create()(requestTo(server.url("/p?s3cr3t=1"))));
      expect(error).toBeInstanceOf(NetworkError);
      expect(error).toMatchObject({
        name: "NetworkError",
        code: "network_error",
        retryable: true,
        status: 502,
      });
      expect((error as Error).message).toContain(server.origin);
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    });

    test("for a refused connection, which it names", async () => {
      const url = new URL(`http://127.0.0.1:${await closedPort()}/`);
      const error = await rejection(create()(requestTo(url)));
      expect(error).toMatchObject({ code: "network_error", retryable: true });
      expect((error as Error).message).toContain("ECONNREFUSED");
    });
  });

  describe("no secret is in the error", () => {
    test.each<[string, string]>([
      ["a header line", `HTTP/1.1 200 OK\r\n${secret}\r\n\r\n`],
      ["a header's name", `HTTP/1.1 200 OK\r\nx ${secret}: 1\r\n\r\n`],
      ["a header's value", `HTTP/1.1 200 OK\r\nx: ${secret}\0\r\n\r\n`],
      ["the content-length", `HTTP/1.1 200 OK\r\ncontent-length: ${secret}\r\n\r\n`],
      ["the status line", `HTTP/1.1 ${secret}\r\n\r\n`],
      ["the protocol", `${secret}\r\n\r\n`],
      ["a chunk's size", `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${secret}\r\n`],
      ["a cut off body", `HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n${secret}`],
      ["the reason phrase", `HTTP/1.1 200 ${secret}\r\ncontent-length: 100\r\n\r\n`],
    ])("where the server quotes the request in %s", async (_what, bytes) => {
      const server = await startTestServer((_request, response) => response.socket?.end(bytes));
      const headers = { authorization: secret };
      const body = "s3cr3t-token in the body";
      const error = await rejection(
        create()(requestTo(server.url("/?k=s3cr3t-token"), { method: "POST", headers, body })),
      );
      expect(server.received[0]?.headers.authorization).toBe(secret);
      expect(error).toMatchObject({ code: "network_error" });
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
      expect((error as Error).cause).toBeUndefined();
    });

    test("malformed HTTP is not worth another attempt", async () => {
      const server = await startTestServer((_request, response) => response.socket?.end("SSH-2.0-x\r\n\r\n"));
      expect(await rejection(create()(requestTo(server.url("/"))))).toMatchObject({ retryable: false });
    });
  });

  describe("an abort rejects with the signal's own reason", () => {
    const reason = new Error("the caller's own reason");

    test("before the start, and nothing is sent", async () => {
      const server = await startTestServer();
      const request = requestTo(server.url("/aborted"), { signal: AbortSignal.abort(reason) });
      expect(await rejection(create()(request))).toBe(reason);
      await create()(requestTo(server.url("/after")));
      expect(server.received.map(({ path }) => path)).toEqual(["/after"]);
    });

    test("while it connects, and nothing is sent", async () => {
      const server = await startTestServer();
      const controller = new AbortController();
      const answer = create()(requestTo(server.url("/aborted"), { signal: controller.signal }));
      controller.abort(reason);
      expect(await rejection(answer)).toBe(reason);
      await create()(requestTo(server.url("/after")));
      expect(server.received.map(({ path }) => path)).toEqual(["/after"]);
    });

    test("while it waits for a free connection, and the others go on", async () => {
      const arrived = Promise.withResolvers<ServerResponse>();
      const server = await startTestServer((request, response) => {
        if (request.path === "/first") arrived.resolve(response);
        else response.end("done");
      });
      const agent = new Agent({ connections: 1, pipelining: 1 });
      onTestFinished(() => agent.destroy());
      const send = create(agent);
      const first = send(requestTo(server.url("/first")));
      const response = await arrived.promise;
      const controller = new AbortController();
      const queued = send(requestTo(server.url("/queued"), { signal: controller.signal }));
      const last = send(requestTo(server.url("/last")));
      controller.abort(reason);
      expect(await rejection(queued)).toBe(reason);
      response.end("first");
      expect((await first).body).toBe("first");
      expect((await last).body).toBe("done");
      expect(server.received.map(({ path }) => path)).toEqual(["/first", "/last"]);
    });

    test("while it waits for headers, and the connection is dropped", async () => {
      const arrived = Promise.withResolvers<void>();
      const dropped = Promise.withResolvers<void>();
      const server = await startTestServer((request) => {
        request.socket.once("close", () => dropped.resolve());
        arrived.resolve();
      });
      const controller = new AbortController();
      const answer = create()(requestTo(server.url("/"), { signal: controller.signal }));
      await arrived.promise;
      controller.abort(reason);
      expect(await rejection(answer)).toBe(reason);
      await dropped.promise;
    });

    test("in the middle of the body, and the connection is dropped", async () => {
      const dropped = Promise.withResolvers<void>();
      const flushed = Promise.withResolvers<void>();
      const server = await startTestServer((request, response) => {
        request.socket.once("close", () => dropped.resolve());
        response.writeHead(200, { "content-length": 100 }).write("half", () => flushed.resolve());
      });
      const controller = new AbortController();
      const answer = create()(requestTo(server.url("/"), { signal: controller.signal }));
      await flushed.promise;
      controller.abort(reason);
      expect(await rejection(answer)).toBe(reason);
      await dropped.promise;
    });

    test("while its own stream is being sent", async () => {
      const sending = Promise.withResolvers<void>();
      const server = await startTestServer();
      const body = new ReadableStream<Uint8Array>({
        start: (stream) => stream.enqueue(new Uint8Array(10)),
        pull: () => sending.resolve(),
      });
      const controller = new AbortController();
      const answer = create()(requestTo(server.url("/"), { method: "PUT", body, signal: controller.signal }));
      await sending.promise;
      controller.abort(reason);
      expect(await rejection(answer)).toBe(reason);
    });

    test("whatever the reason is", async () => {
      const server = await startTestServer(() => {});
      for (const given of ["text", undefined, null, 0]) {
        const controller = new AbortController();
        const answer = create()(requestTo(server.url("/"), { signal: controller.signal }));
        controller.abort(given);
        expect(await rejection(answer)).toBe(controller.signal.reason);
      }
    });

    test("after the answer changes nothing", async () => {
      const server = await startTestServer((_request, response) => response.end("x"));
      const controller = new AbortController();
      const answer = await create()(requestTo(server.url("/"), { signal: controller.signal }));
      controller.abort(reason);
      expect(answer.body).toBe("x");
      // Its connection is still good.
      expect((await create()(requestTo(server.url("/")))).body).toBe("x");
    });
  });

  test("concurrent exchanges keep their answers apart", async () => {
    const server = await startTestServer((request, response) =>
      response.writeHead(200, { "x-path": request.path }).end(request.body),
    );
    const send = create();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        send(requestTo(server.url(`/${n}`), { method: "POST", body: `body ${n}` })),
      ),
    );
    answers.forEach((answer, n) => {
      expect([answer.body, answer.headers.get("x-path")]).toEqual([`body ${n}`, `/${n}`]);
    });
  });

  test("a connection is used again after a whole answer", async () => {
    const server = await startTestServer((_request, response) => response.end("x".repeat(50_000)));
    const agent = new Agent({ connections: 1 });
    onTestFinished(() => agent.destroy());
    const send = create(agent);
    for (let n = 0; n < 5; n++) await send(requestTo(server.url("/")));
    expect(server.connections()).toBe(1);
  });

  test("its own errors are recognised as such", async () => {
    const url = new URL(`http://127.0.0.1:${await closedPort()}/`);
    expect(isPersonifyError(await rejection(create()(requestTo(url))))).toBe(true);
  });
}
