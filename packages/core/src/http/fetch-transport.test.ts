import { gzipSync } from "node:zlib";
import { Agent } from "undici";
import { describe, expect, test, vi } from "vitest";
import { startDeadline } from "../deadline.ts";
import { ConfigurationError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { createFetchTransport, createTransport } from "./fetch-transport.ts";
import { rejection, startTestServer } from "./test-server.test.support.ts";
import { describeTransport, requestTo } from "./transport-cases.test.support.ts";
import { createFetch } from "./undici-transport.ts";

describe("the fetch transport", () => {
  describeTransport((dispatcher) =>
    dispatcher === undefined ? createTransport() : createFetchTransport(createFetch(dispatcher)),
  );

  test("looks globalThis.fetch up on each call, so that a mock set later is seen", async () => {
    const send = createTransport();
    const mock = vi.fn<typeof fetch>(async () => new Response("mocked", { status: 201 }));
    vi.stubGlobal("fetch", mock);
    try {
      const answer = await send(requestTo(new URL("https://api.example.org/x")));
      expect([answer.status, answer.body]).toEqual([201, "mocked"]);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(mock).toHaveBeenCalledOnce();
    const server = await startTestServer((_request, response) => response.end("real"));
    expect((await send(requestTo(server.url("/")))).body).toBe("real");
  });

  test.each(["before it answers", "while its body arrives"])(
    "is given up at the signal where a given fetch takes no notice of it %s",
    async (when) => {
      const controller = new AbortController();
      const stalled = new Response(new ReadableStream());
      const ignoring = () =>
        when === "before it answers" ? new Promise<never>(() => {}) : Promise.resolve(stalled);
      const call = createFetchTransport(ignoring)(
        requestTo(new URL("https://api.example.org/x"), { signal: controller.signal }),
      );
      const reason = new Error("given up");
      setImmediate(() => controller.abort(reason));
      expect(await rejection(call)).toBe(reason);
    },
  );

  test("refuses an answer that is too large once it is decompressed, whatever its content-length", async () => {
    const compressed = gzipSync("0".repeat(100_000));
    const server = await startTestServer((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip", "content-length": compressed.length });
      response.end(compressed);
    });
    const send = createTransport();
    const error = await rejection(send(requestTo(server.url("/"), { maxBytes: 50_000 })));
    expect(error).toMatchObject({ code: "response_too_large" });
    const whole = await send(requestTo(server.url("/"), { maxBytes: 100_000 }));
    expect(whole.body).toHaveLength(100_000);
  });

  test("refuses a dispatcher, which no runtime but Node has", () => {
    expect(() => createTransport(new Agent())).toThrow(/Option dispatcher/);
    expect(() => createTransport(new Agent())).toThrow(ConfigurationError);
  });

  test("calls a given fetch once, with redirects left to the caller", async () => {
    const calls: Parameters<typeof fetch>[] = [];
    const send = createFetchTransport(async (...call) => {
      calls.push(call);
      return new Response(null, { status: 204 });
    });
    const request = requestTo(new URL("https://api.example.org/x"), { headers: { a: "1" } });
    expect(await send(request)).toMatchObject({ status: 204, body: "" });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBe(request.url.href);
    expect(calls[0]?.[1]).toMatchObject({ method: "GET", headers: { a: "1" }, redirect: "manual" });
    expect(calls[0]?.[1]?.signal).toBe(request.signal);
    // A GET with a body member is refused by some runtimes.
    expect(calls[0]?.[1]).not.toHaveProperty("body");
  });

  test("gives fetch a true AbortSignal of a deadline", async () => {
    let given: RequestInit | undefined;
    const send = createFetchTransport(async (_input, init) => {
      given = init;
      return new Response();
    });
    const deadline = startDeadline(1_000, () => new Error("late"));
    await send(requestTo(new URL("https://api.example.org/x"), { signal: deadline }));
    deadline.clear();
    expect(given?.signal).toBe(deadline.signal);
  });

  test.each([
    ["an Error", new Error("s3cr3t")],
    ["a TypeError with a cause", new TypeError("s3cr3t", { cause: new Error("s3cr3t") })],
    ["a text", "s3cr3t"],
    ["nothing", undefined],
    ["a code that is a text", Object.assign(new Error("s3cr3t"), { code: "s3cr3t" })],
  ])("makes a NetworkError without a secret of %s that a given fetch throws", async (_what, thrown) => {
    const send = createFetchTransport(async () => {
      throw thrown;
    });
    const error = await rejection(send(requestTo(new URL("https://api.example.org/x?s3cr3t"))));
    expect(error).toMatchObject({ name: "NetworkError", code: "network_error", retryable: true });
    expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
  });
});
