import { Agent } from "undici";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { authorized } from "./authorized.ts";
import { fakeTokenSource } from "./fake-token-source.test.support.ts";
import { discardResponse, type FetchCall, readFetchCall, sendFetchCall } from "./fetch-call.ts";
import type { TargetRules } from "./target.ts";
import { rejection, startTestServer, type TestServer } from "./test-server.test.support.ts";
import { createFetch } from "./undici-transport.ts";

const MiB = 1024 * 1024;
const rules: TargetRules = {
  base: new URL("https://api.example.org/base/"),
  allowedOrigins: new Set(["https://files.example.org"]),
};
const url = "https://api.example.org/base/x";

function rulesFor(server: TestServer): TargetRules {
  return { base: server.url("/"), allowedOrigins: new Set() };
}

function streamOf(...parts: (string | Uint8Array<ArrayBuffer>)[]): ReadableStream<Uint8Array> {
  return new Blob(parts).stream();
}

/** A streamed body needs `duplex`, which not every type declaration of fetch knows. */
function streaming(body: ReadableStream<Uint8Array>, init: RequestInit = {}): RequestInit {
  return { method: "POST", ...init, body, duplex: "half" } as RequestInit;
}

describe("the input", () => {
  test.each<[string, string | URL | Request]>([
    ["a path", "/x"],
    ["an absolute URL", url],
    ["a URL", new URL(url)],
    ["a Request", new Request(url)],
  ])("may be %s", async (_what, input) => {
    const call = await readFetchCall(rules, input);
    expect(call).toMatchObject({
      method: "GET",
      headers: {},
      body: undefined,
      replayable: true,
      redirect: "follow",
    });
    expect(call.url.href).toBe(url);
  });

  test.each(["CONNECT", "trace", "TRACK", "GET /"])("is refused with method %j", async (method) => {
    expect(await rejection(readFetchCall(rules, url, { method }))).toBeInstanceOf(ConfigurationError);
  });

  test.each([
    "https://evil.example/base/x",
    "//evil.example/x",
    "/../x",
    "https://user:pw@api.example.org/base/x",
    new URL("https://evil.example/"),
    new URL("https://api.example.org/x"),
    new Request("https://evil.example/"),
    new Request("https://api.example.org/base/../x"),
  ])("is refused off the base: %o", async (input) => {
    const error = await rejection(readFetchCall(rules, input));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ code: "target_refused" });
  });

  test("a Request's method, headers, signal and redirect mode count", async () => {
    const controller = new AbortController();
    const request = new Request(url, {
      method: "DELETE",
      headers: { "X-A": "1" },
      signal: controller.signal,
      redirect: "manual",
    });
    const call = await readFetchCall(rules, request);
    expect(call).toMatchObject({ method: "DELETE", headers: { "x-a": "1" }, redirect: "manual" });
    controller.abort();
    expect(call.signal?.aborted).toBe(true);
  });

  test("init goes before a Request, member by member", async () => {
    const request = new Request(url, {
      method: "POST",
      headers: { "x-a": "1", "x-b": "1" },
      body: "theirs",
      redirect: "manual",
    });
    const { signal } = new AbortController();
    const init: RequestInit = {
      method: "PUT",
      headers: { "x-a": "2" },
      body: "mine",
      redirect: "error",
      signal,
    };
    const call = await readFetchCall(rules, request, init);
    expect(call).toMatchObject({ method: "PUT", headers: { "x-a": "2" }, body: "mine", redirect: "error" });
    expect(call.headers).not.toHaveProperty("x-b");
    expect(call.signal).toBe(signal);
    expect(request.bodyUsed).toBe(false);
  });

  test("a signal of null in init is none, as with fetch", async () => {
    const request = new Request(url, { signal: AbortSignal.abort() });
    expect((await readFetchCall(rules, request, { signal: null })).signal).toBeUndefined();
  });

  test("init without a body leaves a Request its own", async () => {
    for (const init of [{}, { body: null }, { method: "PUT" }]) {
      const { body } = await readFetchCall(rules, new Request(url, { method: "POST", body: "theirs" }), init);
      expect(new TextDecoder().decode(body as Uint8Array)).toBe("theirs");
    }
  });

  test("a method may be in lower case", async () => {
    expect((await readFetchCall(rules, "/x", { method: "patch" })).method).toBe("PATCH");
  });

  test("a Request whose body was used already is a TypeError, as with fetch", async () => {
    const request = new Request(url, { method: "POST", body: "x" });
    await request.text();
    expect(await rejection(readFetchCall(rules, request))).toBeInstanceOf(TypeError);
  });

  test("a Request whose body is being read is a TypeError, as with fetch", async () => {
    const request = new Request(url, { method: "POST", body: "x" });
    request.body?.getReader();
    expect(await rejection(readFetchCall(rules, request))).toBeInstanceOf(TypeError);
  });

  test("a Request whose body fails rejects with that failure", async () => {
    const failure = new Error("the stream's own");
    const body = new ReadableStream<Uint8Array>({ pull: (stream) => stream.error(failure) });
    expect(await rejection(readFetchCall(rules, new Request(url, streaming(body))))).toBe(failure);
  });

  test.each(["of the Request", "of init"])(
    "an abort by the signal %s ends the reading of a body that stalls",
    async (whose) => {
      const reason = new Error("the caller's own reason");
      const reading = Promise.withResolvers<void>();
      const body = new ReadableStream<Uint8Array>({ pull: () => reading.resolve() }, { highWaterMark: 0 });
      const controller = new AbortController();
      const { signal } = controller;
      const request = new Request(url, streaming(body, whose === "of init" ? {} : { signal }));
      const call = readFetchCall(rules, request, whose === "of init" ? { signal } : {});
      await reading.promise;
      controller.abort(reason);
      expect(await rejection(call)).toBe(reason);
    },
  );
});

describe("headers", () => {
  test.each([
    ["Authorization", "Bearer mine"],
    ["X-TENANT-ID", "other"],
    ["Host", "evil.example"],
    ["Content-Length", "1"],
    ["transfer-encoding", "chunked"],
    ["Proxy-Authorization", "x"],
  ])("%s is refused in init and in a Request", async (name, value) => {
    const headers = { [name]: value };
    for (const call of [
      readFetchCall(rules, url, { headers }),
      readFetchCall(rules, url, { headers: new Headers(headers) }),
      readFetchCall(rules, url, { headers: [[name, value]] }),
      readFetchCall(rules, new Request(url, { headers })),
    ]) {
      expect(await rejection(call)).toMatchObject({ code: "header_refused" });
    }
  });

  test("a value with a line break is a TypeError of fetch's own Headers", async () => {
    expect(await rejection(readFetchCall(rules, url, { headers: { a: "b\r\nc: d" } }))).toBeInstanceOf(
      TypeError,
    );
  });

  test("a value over 8 KiB is refused", async () => {
    expect(await rejection(readFetchCall(rules, url, { headers: { a: "x".repeat(8_193) } }))).toMatchObject({
      code: "header_refused",
    });
  });

  test("those of a Request with a body name its content type", async () => {
    const request = new Request(url, { method: "POST", body: new URLSearchParams({ a: "1" }) });
    expect((await readFetchCall(rules, request)).headers).toEqual({
      "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
    });
  });
});

describe("a body of init", () => {
  const form = (size: number) => {
    const body = new FormData();
    body.append("text", "ü");
    body.append("file", new File([new Uint8Array(size)], "a.bin"));
    return body;
  };
  type Body = NonNullable<RequestInit["body"]>;

  test.each<[string, () => Body]>([
    ["a string", () => "Grüße"],
    ["an empty string", () => ""],
    ["URLSearchParams", () => new URLSearchParams({ a: "1&2" })],
    ["a Uint8Array", () => new Uint8Array([1, 2, 3]).subarray(1)],
    ["an ArrayBuffer", () => new Uint8Array([65, 66]).buffer],
    ["a DataView", () => new DataView(new Uint8Array([65, 66]).buffer)],
    ["a Blob with a type", () => new Blob(["x"], { type: "image/png" })],
    ["FormData", () => form(10)],
  ])("%s arrives as fetch sends it, the first time and again", async (_what, make) => {
    const server = await startTestServer();
    const init: RequestInit = { method: "POST", headers: { "x-a": "1" }, body: make() };
    const call = await readFetchCall(rulesFor(server), "/x", init);
    expect(call.replayable).toBe(true);
    await sendFetchCall(fetch, call);
    await sendFetchCall(fetch, call);
    // The runtime's fetch is the oracle.
    await fetch(server.url("/x"), { method: "POST", headers: { "x-a": "1" }, body: make() });
    const seen = server.received.map(({ method, path, headers, body }) => {
      const boundary = /boundary=(.*)/.exec(headers["content-type"] ?? "")?.[1] ?? "none";
      const known = (text = "") => text.replaceAll(boundary, "BOUNDARY");
      return [
        method,
        path,
        headers["x-a"],
        known(headers["content-type"]),
        headers["content-length"],
        known(body),
      ];
    });
    expect(seen).toHaveLength(3);
    expect(seen[0]).toEqual(seen[2]);
    expect(seen[1]).toEqual(seen[2]);
  });

  test.each<[string, (size: number) => Body]>([
    ["a string", (size) => "x".repeat(size)],
    ["a string of two-byte characters", (size) => "ü".repeat(Math.ceil(size / 2))],
    ["a Uint8Array", (size) => new Uint8Array(size)],
    ["an ArrayBuffer", (size) => new ArrayBuffer(size)],
    ["a Blob", (size) => new Blob([new Uint8Array(size)])],
    ["URLSearchParams", (size) => new URLSearchParams({ a: "x".repeat(size - 2) })],
    ["FormData", (size) => form(size - 2)],
  ])("%s can be sent again up to 1 MiB, not beyond", async (_what, make) => {
    const read = (size: number) => readFetchCall(rules, url, { method: "POST", body: make(size) });
    expect((await read(MiB)).replayable).toBe(true);
    expect((await read(MiB + 1)).replayable).toBe(false);
  });

  test("a stream cannot be sent again; it is not read ahead and arrives whole", async () => {
    const server = await startTestServer();
    const body = streamOf("stre", "amed");
    const call = await readFetchCall(rulesFor(server), "/x", streaming(body));
    expect(call.replayable).toBe(false);
    expect(call.body).toBe(body);
    expect(body.locked).toBe(false);
    await sendFetchCall(fetch, call);
    expect(server.received[0]?.body).toBe("streamed");
  });

  test("an async iterable, which Node's fetch takes, cannot be sent again", async () => {
    const server = await startTestServer();
    async function* parts() {
      yield new TextEncoder().encode("by ");
      yield new TextEncoder().encode("parts");
    }
    const init = streaming(parts() as unknown as ReadableStream<Uint8Array>);
    const call = await readFetchCall(rulesFor(server), "/x", init);
    expect(call.replayable).toBe(false);
    await sendFetchCall(fetch, call);
    expect(server.received[0]?.body).toBe("by parts");
  });
});

describe("a body of a Request", () => {
  test("up to 1 MiB can be sent again, with its content-length", async () => {
    const server = await startTestServer();
    const text = "x".repeat(MiB);
    const call = await readFetchCall(
      rulesFor(server),
      new Request(
        server.url("/x"),
        streaming(streamOf(text), { method: "PUT", headers: { "content-type": "a/b" } }),
      ),
    );
    expect(call.replayable).toBe(true);
    await sendFetchCall(fetch, call);
    await sendFetchCall(fetch, call);
    expect(server.received).toHaveLength(2);
    for (const { method, headers, body } of server.received) {
      expect([method, headers["content-type"], headers["content-length"]]).toEqual([
        "PUT",
        "a/b",
        String(MiB),
      ]);
      expect(headers["transfer-encoding"]).toBeUndefined();
      expect(body === text).toBe(true);
    }
  });

  test("over 1 MiB streams through whole and cannot be sent again", async () => {
    const server = await startTestServer();
    const parts = Array.from({ length: 40 }, (_, n) => String(n % 10).repeat(65_536));
    let produced = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(stream) {
        const part = parts[produced++];
        if (part === undefined) stream.close();
        else stream.enqueue(new TextEncoder().encode(part));
      },
    });
    const call = await readFetchCall(rulesFor(server), new Request(server.url("/x"), streaming(body)));
    expect(call.replayable).toBe(false);
    // No more was read ahead than needed to know.
    expect(produced).toBeLessThan(25);
    await sendFetchCall(fetch, call);
    expect(server.received[0]?.body === parts.join("")).toBe(true);
    expect(server.received[0]?.headers["transfer-encoding"]).toBe("chunked");
  });

  test("one byte over 1 MiB is over it", async () => {
    const request = new Request(url, streaming(streamOf(new Uint8Array(MiB + 1))));
    expect((await readFetchCall(rules, request)).replayable).toBe(false);
  });

  test("that is empty is no hindrance", async () => {
    const server = await startTestServer();
    const call = await readFetchCall(rulesFor(server), new Request(server.url("/x"), streaming(streamOf())));
    await sendFetchCall(fetch, call);
    expect(server.received[0]?.body).toBe("");
  });
});

describe("with a token", () => {
  const tokenised = (call: FetchCall) => ({ ...call, tenantId: "t1", waitUntil: undefined });

  async function send(server: TestServer, input: string | Request, init?: RequestInit): Promise<Response> {
    const fetchOnce = (call: FetchCall) => sendFetchCall(fetch, call);
    const call = tokenised(await readFetchCall(rulesFor(server), input, init));
    const tokens = fakeTokenSource("old", "new");
    return authorized(
      tokens,
      (each: typeof call) => fetchOnce(each),
      discardResponse,
      () => {},
    )(call);
  }

  const rejectingOld = () =>
    startTestServer((request, response) => {
      response.statusCode = request.headers.authorization === "Bearer new" ? 200 : 401;
      response.end(request.body.slice(0, 10));
    });

  test("a Request's body is replayed after a 401", async () => {
    const server = await rejectingOld();
    const response = await send(server, new Request(server.url("/x"), { method: "POST", body: "a body" }));
    expect([response.status, await response.text()]).toEqual([200, "a body"]);
    expect(server.received.map(({ body }) => body)).toEqual(["a body", "a body"]);
  });

  test("a large one is not: the 401 is the answer", async () => {
    const server = await rejectingOld();
    const request = new Request(server.url("/x"), { method: "POST", body: "x".repeat(MiB + 1) });
    const response = await send(server, request);
    expect([response.status, await response.text()]).toEqual([401, "xxxxxxxxxx"]);
    expect(server.received.map(({ body }) => body.length)).toEqual([MiB + 1]);
  });

  test("the caller's own stream is not", async () => {
    const server = await rejectingOld();
    const response = await send(server, "/x", streaming(streamOf("streamed")));
    expect([response.status, await response.text()]).toEqual([401, "streamed"]);
    expect(server.received).toHaveLength(1);
  });
});

describe("sending", () => {
  test("happens once, with what else the caller passed", async () => {
    const calls: Parameters<typeof fetch>[] = [];
    const fetchOnce: typeof fetch = async (...call) => {
      calls.push(call);
      return new Response();
    };
    const init: RequestInit = { method: "PUT", body: "x", cache: "no-store", keepalive: true };
    await sendFetchCall(fetchOnce, await readFetchCall(rules, url, init));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0].toString()).toBe(url);
    expect(calls[0]?.[1]).toMatchObject({ method: "PUT", body: "x", cache: "no-store", keepalive: true });
  });

  test("headers of init that were read are not sent twice or past the rules", async () => {
    const server = await startTestServer();
    const call = await readFetchCall(rulesFor(server), "/x", { headers: { "X-A": "1" } });
    await sendFetchCall(fetch, { ...call, headers: { authorization: "Bearer t", "x-a": "2" } });
    expect(server.received[0]?.headers).toMatchObject({ "x-a": "2", authorization: "Bearer t" });
  });

  test.each(["follow", "manual"] as const)(
    "redirect: %j leaves a redirect to whoever asked",
    async (redirect) => {
      const server = await startTestServer((_request, response) =>
        response.writeHead(302, { location: "/to" }).end("moved"),
      );
      const call = await readFetchCall(rulesFor(server), "/from", { redirect });
      expect(call.redirect).toBe(redirect);
      const response = await sendFetchCall(fetch, call);
      expect([response.status, response.headers.get("location"), await response.text()]).toEqual([
        302,
        "/to",
        "moved",
      ]);
      expect(server.received).toHaveLength(1);
    },
  );

  test('redirect: "error" makes a redirect a TypeError, as with fetch', async () => {
    const server = await startTestServer((_request, response) =>
      response.writeHead(302, { location: "/to" }).end(),
    );
    const call = await readFetchCall(rulesFor(server), "/from", { redirect: "error" });
    expect(await rejection(sendFetchCall(fetch, call))).toBeInstanceOf(TypeError);
    expect(server.received).toHaveLength(1);
  });

  test("an abort rejects with its reason, and a network error stays fetch's own", async () => {
    const server = await startTestServer((_request, response) => response.socket?.resetAndDestroy());
    const reason = new Error("the caller's own reason");
    const aborted = await readFetchCall(rulesFor(server), "/x", { signal: AbortSignal.abort(reason) });
    expect(await rejection(sendFetchCall(fetch, aborted))).toBe(reason);
    const call = await readFetchCall(rulesFor(server), "/x");
    expect(await rejection(sendFetchCall(fetch, call))).toBeInstanceOf(TypeError);
  });
});

describe("an answer that nobody wants", () => {
  /** A fetch with a single connection, so that a second request proves that it is free again. */
  function singleConnection(): typeof fetch {
    const agent = new Agent({ connections: 1 });
    onTestFinished(() => agent.destroy());
    return createFetch(agent);
  }

  test.each([0, 10, 64 * 1024])(
    "of %i bytes is read to its end, so that its connection is free again",
    async (size) => {
      const server = await startTestServer((_request, response) => response.end("x".repeat(size)));
      const fetchOnce = singleConnection();
      for (let n = 0; n < 3; n++) discardResponse(await fetchOnce(server.url("/")));
      expect((await (await fetchOnce(server.url("/"))).text()).length).toBe(size);
      expect(server.connections()).toBe(1);
    },
  );

  test("that is longer is cut off, and its connection dropped", async () => {
    const dropped = Promise.withResolvers<void>();
    const server = await startTestServer((request, response) => {
      request.socket.once("close", () => dropped.resolve());
      // Its end never comes.
      response.writeHead(200).write("x".repeat(80 * 1024));
    });
    discardResponse(await fetch(server.url("/")));
    await dropped.promise;
  });

  test("may fail: nothing is thrown and nothing stays unhandled", async () => {
    const unhandled: unknown[] = [];
    const listen = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", listen);
    onTestFinished(() => void process.off("unhandledRejection", listen));
    const cut = Promise.withResolvers<void>();
    const server = await startTestServer((request, response) => {
      request.socket.once("close", () => cut.resolve());
      response.writeHead(200, { "content-length": 100 }).write("some");
      setImmediate(() => response.socket?.resetAndDestroy());
    });
    discardResponse(await fetch(server.url("/")));
    discardResponse(new Response(null, { status: 204 }));
    discardResponse(new Response(new ReadableStream({ pull: (stream) => stream.error(new Error("no")) })));
    await cut.promise;
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });
});
