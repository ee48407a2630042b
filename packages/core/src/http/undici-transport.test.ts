import { getEventListeners } from "node:events";
import {
  Agent,
  buildConnector,
  type Dispatcher,
  getGlobalDispatcher,
  interceptors,
  MockAgent,
  setGlobalDispatcher,
} from "undici";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { closedPort, rejection, startTestServer } from "./test-server.test.support.ts";
import { describeTransport, requestTo } from "./transport-cases.test.support.ts";
import { createFetch, createTransport } from "./undici-transport.ts";

const nowhere = new URL("http://api.example.invalid/x?y=1");

/** An agent that connects to `port` on 127.0.0.1 whatever host is asked for. */
function agentTo(port: number): Agent {
  const connector = buildConnector({});
  const agent = new Agent({
    connect: (options, callback) =>
      connector({ ...options, hostname: "127.0.0.1", port: String(port) }, callback),
  });
  onTestFinished(() => agent.destroy());
  return agent;
}

function mockAgent(status: number, body: string): MockAgent {
  const mock = new MockAgent();
  onTestFinished(() => mock.close());
  mock.disableNetConnect();
  mock
    .get(nowhere.origin)
    .intercept({ path: "/x?y=1", method: "GET" })
    .reply(status, body, { headers: { "x-mock": "1" } });
  return mock;
}

function useGlobally(dispatcher: Dispatcher): void {
  const before = getGlobalDispatcher();
  setGlobalDispatcher(dispatcher);
  onTestFinished(() => setGlobalDispatcher(before));
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the undici transport", () => {
  describeTransport(createTransport);

  test("leaves a redirect to the caller even where the dispatcher would follow it with everything sent", async () => {
    const thief = await startTestServer();
    const server = await startTestServer((_request, response) =>
      response.writeHead(307, { location: thief.url("/taken").href }).end(),
    );
    const dispatcher = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }));
    onTestFinished(() => dispatcher.close());
    const request = requestTo(server.url("/"), { method: "POST", body: "client_secret=s3cret" });

    expect((await createTransport(dispatcher)(request)).status).toBe(307);
    expect(thief.received).toEqual([]);
  });

  describe("leaves no listener on the signal", () => {
    async function listenersAfter(url: URL, maxBytes = 1_000): Promise<number> {
      const { signal } = new AbortController();
      await createTransport()(requestTo(url, { signal, maxBytes })).catch(() => {});
      return getEventListeners(signal, "abort").length;
    }

    test("while it works there is one", async () => {
      const arrived = Promise.withResolvers<void>();
      const server = await startTestServer(() => arrived.resolve());
      const controller = new AbortController();
      const answer = createTransport()(requestTo(server.url("/"), { signal: controller.signal }));
      await arrived.promise;
      expect(getEventListeners(controller.signal, "abort").length).toBeGreaterThan(0);
      controller.abort();
      await rejection(answer);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    });

    test("after an answer", async () => {
      const server = await startTestServer((_request, response) => response.end("x"));
      expect(await listenersAfter(server.url("/"))).toBe(0);
    });

    test("after a failure to connect", async () => {
      expect(await listenersAfter(new URL(`http://127.0.0.1:${await closedPort()}/`))).toBe(0);
    });

    test("after a reset", async () => {
      const server = await startTestServer((_request, response) => response.socket?.resetAndDestroy());
      expect(await listenersAfter(server.url("/"))).toBe(0);
    });

    test("after an answer that is too large", async () => {
      const server = await startTestServer((_request, response) => response.end("x".repeat(2_000)));
      expect(await listenersAfter(server.url("/"))).toBe(0);
    });

    test("after a dispatcher that throws", async () => {
      const { signal } = new AbortController();
      const throwing = {
        dispatch() {
          throw new Error("s3cr3t");
        },
      } as unknown as Dispatcher;
      const error = await rejection(createTransport(throwing)(requestTo(nowhere, { signal })));
      expect(error).toMatchObject({ name: "NetworkError", code: "network_error" });
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    });
  });

  test("an abort while a stream is being sent cancels the stream", async () => {
    const cancelled = Promise.withResolvers<void>();
    const sending = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    const server = await startTestServer();
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => stream.enqueue(new Uint8Array(10)),
      async pull(stream) {
        sending.resolve();
        await aborted.promise;
        stream.enqueue(new Uint8Array(10));
      },
      cancel: () => cancelled.resolve(),
    });
    const controller = new AbortController();
    const answer = createTransport()(
      requestTo(server.url("/"), { method: "PUT", body, signal: controller.signal }),
    );
    await sending.promise;
    controller.abort();
    await rejection(answer);
    aborted.resolve();
    await cancelled.promise;
  });

  describe("a given dispatcher", () => {
    test("of one's own connect is used", async () => {
      const server = await startTestServer((_request, response) => response.end("by agent"));
      const answer = await createTransport(agentTo(server.port))(requestTo(nowhere));
      expect(answer.body).toBe("by agent");
      expect(server.received[0]?.headers.host).toBe("api.example.invalid");
    });

    test("may be a MockAgent", async () => {
      const answer = await createTransport(mockAgent(418, "mocked"))(requestTo(nowhere));
      expect([answer.status, answer.body, answer.headers.get("x-mock")]).toEqual([418, "mocked", "1"]);
    });

    test("goes before the global one", async () => {
      useGlobally(mockAgent(200, "global"));
      expect((await createTransport(mockAgent(200, "given"))(requestTo(nowhere))).body).toBe("given");
    });

    test("such as a MockAgent that has no match is a NetworkError without a secret", async () => {
      const mock = mockAgent(200, "");
      const request = requestTo(new URL("http://api.example.invalid/other?s3cr3t"), {
        method: "POST",
        headers: { authorization: "Bearer s3cr3t" },
        body: "s3cr3t",
      });
      const error = await rejection(createTransport(mock)(request));
      expect(error).toMatchObject({ name: "NetworkError", code: "network_error" });
      expect((error as Error).message).toContain("UND_MOCK_ERR_MOCK_NOT_MATCHED");
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    });

    test("that was closed is a NetworkError", async () => {
      const agent = new Agent();
      await agent.close();
      expect(await rejection(createTransport(agent)(requestTo(nowhere)))).toMatchObject({
        name: "NetworkError",
        code: "network_error",
      });
    });
  });

  test("the global dispatcher is looked up on each call", async () => {
    const send = createTransport();
    const server = await startTestServer((_request, response) => response.end("real"));
    expect((await send(requestTo(server.url("/")))).body).toBe("real");
    const before = getGlobalDispatcher();
    setGlobalDispatcher(mockAgent(200, "mocked"));
    try {
      expect((await send(requestTo(nowhere))).body).toBe("mocked");
    } finally {
      setGlobalDispatcher(before);
    }
    expect((await send(requestTo(server.url("/")))).body).toBe("real");
  });
});

describe("createFetch", () => {
  test("routes globalThis.fetch through a given dispatcher", async () => {
    const server = await startTestServer((request, response) => response.end(request.body));
    const send = createFetch(agentTo(server.port));
    const response = await send(nowhere, { method: "POST", body: "through the agent" });
    expect(response).toBeInstanceOf(Response);
    expect(await response.text()).toBe("through the agent");
    expect(server.received[0]?.headers.host).toBe("api.example.invalid");
  });

  test("routes it through a MockAgent", async () => {
    const response = await createFetch(mockAgent(202, "mocked"))(nowhere);
    expect([response.status, await response.text()]).toEqual([202, "mocked"]);
  });

  test("looks globalThis.fetch up on each call, with a dispatcher and without", async () => {
    const plain = createFetch();
    const dispatched = createFetch(agentTo(1));
    const mock = vi.fn<typeof fetch>(async () => new Response("mocked"));
    vi.stubGlobal("fetch", mock);
    expect(await (await plain(nowhere, { method: "PUT" })).text()).toBe("mocked");
    expect(await (await dispatched(nowhere, { method: "PUT" })).text()).toBe("mocked");
    expect(mock).toHaveBeenCalledTimes(2);
    expect(mock.mock.calls[0]).toEqual([nowhere, { method: "PUT" }]);
    expect(mock.mock.calls[1]?.[1]).toMatchObject({ method: "PUT", dispatcher: expect.anything() });
  });

  test("without a dispatcher is the runtime's own fetch", async () => {
    const server = await startTestServer((_request, response) => response.end("plain"));
    expect(await (await createFetch()(server.url("/"))).text()).toBe("plain");
    expect(server.received[0]?.method).toBe("GET");
  });
});
