import { createServer, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { closeServer, listenUrl } from "@personify-auth/contract/process";
import { startWorker } from "@personify-auth/runtimes";
import { expect, onTestFinished, test } from "vitest";

const app = "unreliable-context-on-workerd.test.support.ts";
const sharesPromise = "shared-promise-on-workerd.test.support.ts";

/** Nothing here takes long, but a machine may be busy. */
const patience = { timeout: 10_000, interval: 5 };

test("a promise shared without waitUntil dies with its request, and who waits for it gets no answer", async () => {
  const { killFirst, ask, tokenRequest } = await setUp(sharesPromise, { WAIT_UNTIL: "no" });
  const { second, shared } = await killFirst();

  await expect.poll(() => shared.closed, patience).toBe(true);
  const answers = await Promise.all([within(1_000, second), within(1_000, ask())]);
  expect(answers).toEqual(["no answer", "no answer"]);
  expect(tokenRequest.count()).toBe(1);
});

test("a promise shared with waitUntil outlives its request", async () => {
  const { killFirst, tokenRequest } = await setUp(sharesPromise, { WAIT_UNTIL: "yes" });
  const { second, shared } = await killFirst();

  grant(shared, "a");

  expect(await within(5_000, second)).toEqual(answerWith("a"));
  expect(tokenRequest.count()).toBe(1);
});

test("the second end user is answered with the token that the first, now gone, requested", async () => {
  const { killFirst, ask, tokenRequest } = await setUpApp({ context: "real" });
  const { second, shared } = await killFirst();

  grant(shared, "a");

  expect(await within(5_000, second)).toEqual(answerWith("a"));
  expect(await within(5_000, ask())).toEqual(answerWith("a"));
  expect(tokenRequest.count()).toBe(1);
});

test("of many end users, those who stay are answered with one token, whoever goes", async () => {
  const { killFirst, ask, open, reset, seen, tokenRequest } = await setUpApp({ context: "real" });
  const { second, shared } = await killFirst();
  const [third, fourth] = [open(), open()];
  const fifth = ask();
  await expect.poll(seen, patience).toEqual({ asked: 5, hungUp: 1 });
  reset(fourth);
  await expect.poll(seen, patience).toEqual({ asked: 5, hungUp: 2 });
  reset(third);
  await expect.poll(seen, patience).toEqual({ asked: 5, hungUp: 3 });

  grant(shared, "a");

  expect(await within(5_000, second)).toEqual(answerWith("a"));
  expect(await within(5_000, fifth)).toEqual(answerWith("a"));
  expect(tokenRequest.count()).toBe(1);
});

test("a token request that fails is repeated, though the end user who caused it has gone", async () => {
  const { killFirst, tokenRequest } = await setUpApp({ context: "real" });
  const { second, shared } = await killFirst();

  shared.writeHead(503).end();
  grant(await tokenRequest(2), "a");

  expect(await within(5_000, second)).toEqual(answerWith("a"));
  expect(tokenRequest.count()).toBe(2);
});

test("a token request that is refused fails the second end user at once", async () => {
  const { killFirst, tokenRequest } = await setUpApp({ context: "real" });
  const { second, shared } = await killFirst();

  shared.writeHead(400, { "content-type": "application/json" }).end('{"error":"unauthorized_client"}');

  expect(await within(5_000, second)).toEqual({ status: 502, body: "Bad Gateway" });
  expect(tokenRequest.count()).toBe(1);
});

test("without an execution context each end user's token request is their own", async () => {
  const { open, reset, ask, seen, tokenRequest } = await setUpApp({ context: "none" });
  const first = open();
  const firsts = await tokenRequest(1);
  const second = ask();
  const seconds = await tokenRequest(2);
  reset(first);
  await expect.poll(seen, patience).toEqual({ asked: 2, hungUp: 1 });
  await expect.poll(() => firsts.closed, patience).toBe(true);

  grant(seconds, "b");

  expect(await within(5_000, second)).toEqual(answerWith("b"));
  expect(tokenRequest.count()).toBe(2);
});

test("who waits for a token request that waitUntil did not keep alive makes one after timeout.token", async () => {
  const { killFirst, ask, tokenRequest } = await setUpApp({ context: "idle", tokenTimeout: 1_000 });
  const { second, shared } = await killFirst();
  await expect.poll(() => shared.closed, patience).toBe(true);

  grant(await tokenRequest(2), "b");

  expect(await within(5_000, second)).toEqual(answerWith("b"));
  expect(await within(5_000, ask())).toEqual(answerWith("b"));
  expect(tokenRequest.count()).toBe(2);
});

/** The app, with the execution context that Hono gets: workerd's, none at all, or one that keeps nothing alive. */
function setUpApp({
  context,
  tokenTimeout = 20_000,
}: {
  context: "real" | "none" | "idle";
  tokenTimeout?: number;
}) {
  return setUp(app, { CONTEXT: context, TOKEN_TIMEOUT: String(tokenTimeout) });
}

/** A worker at its cold start, before an upstream whose token endpoint answers when the test says so. */
async function setUp(script: string, bindings: Readonly<Record<string, string>>) {
  const upstream = await startUpstream();
  const worker = await startWorker(join(import.meta.dirname, script), {
    ...bindings,
    UPSTREAM: upstream.url,
  });
  onTestFinished(() => worker.stop());

  async function tokenRequest(number: number): Promise<ServerResponse> {
    const message = `token requests, waiting for number ${number}`;
    await expect
      .poll(() => upstream.tokenRequests.length, { ...patience, message })
      .toBeGreaterThanOrEqual(number);
    return upstream.tokenRequests[number - 1] as ServerResponse;
  }
  tokenRequest.count = () => upstream.tokenRequests.length;

  async function seen(): Promise<unknown> {
    return (await fetch(new URL("/seen", worker.url))).json();
  }

  function ask(): Promise<{ status: number; body: string }> {
    const answer = fetch(worker.url).then(async (response) => ({
      status: response.status,
      body: await response.text(),
    }));
    // One that still waits when its test fails is no second failure.
    answer.catch(() => {});
    return answer;
  }

  function open(): Socket {
    const socket = connect(Number(worker.url.port), worker.url.hostname);
    onTestFinished(() => void socket.destroy());
    socket.write("GET / HTTP/1.1\r\nhost: worker\r\n\r\n");
    return socket;
  }

  // Not a mere close, which workerd takes no notice of while it works on an answer.
  const reset = (socket: Socket) => socket.resetAndDestroy();

  /** The first end user causes a token request, the second waits for the same one, then the first is gone. */
  async function killFirst() {
    const first = open();
    const shared = await tokenRequest(1);
    const second = ask();
    await expect.poll(seen, patience).toEqual({ asked: 2, hungUp: 0 });
    reset(first);
    await expect.poll(seen, patience).toEqual({ asked: 2, hungUp: 1 });
    return { second, shared };
  }

  return { killFirst, open, reset, ask, seen, tokenRequest };
}

/** Answers a call of the API at once, and no token request. */
async function startUpstream() {
  const tokenRequests: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === "/connect/token") tokenRequests.push(response);
    else sendJson(response, { authorization: request.headers.authorization });
  });
  server.listen(0, "127.0.0.1");
  onTestFinished(() => closeServer(server));
  return { url: await listenUrl(server), tokenRequests };
}

function grant(tokenRequest: ServerResponse, value: string): void {
  sendJson(tokenRequest, { access_token: value, token_type: "Bearer", expires_in: 3_600 });
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json").end(JSON.stringify(body));
}

function answerWith(token: string) {
  return { status: 200, body: JSON.stringify({ authorization: `Bearer ${token}` }) };
}

function within<T>(ms: number, answer: Promise<T>): Promise<T | "no answer"> {
  return Promise.race([answer, sleep(ms, "no answer" as const, { ref: false })]);
}
