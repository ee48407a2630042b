import { describe, expect, test } from "vitest";
import { createFetchTransport } from "./fetch-transport.ts";
import { followingRedirects, type RedirectableCall } from "./redirects.ts";
import type { TargetRules } from "./target.ts";
import {
  type ReceivedRequest,
  rejection,
  startTestServer,
  type TestServer,
} from "./test-server.test.support.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";
import { requestTo } from "./transport-cases.test.support.ts";
import { createTransport } from "./undici-transport.ts";

type Call = TransportRequest & RedirectableCall;

function rulesFor(server: TestServer, path = "/", ...allowed: string[]): TargetRules {
  return { base: server.url(path), allowedOrigins: new Set(allowed) };
}

function callTo(url: URL, changes: Partial<Call> = {}): Call {
  const headers = { authorization: "Bearer s3cr3t", "x-tenant-id": "t1" };
  return { ...requestTo(url, { headers }), replayable: true, redirect: "follow", ...changes };
}

/** Sends a call over the wire with redirects followed, and tells which answers were followed. */
async function follow(rules: TargetRules, call: Call) {
  const followed: TransportResponse[] = [];
  const send = followingRedirects<Call, TransportResponse>(rules, createTransport(), (answer) =>
    followed.push(answer),
  );
  return { answer: await send(call), followed };
}

/** A server that redirects from /from to `location`, and answers anything else with 200. */
function redirecting(location: string | (() => string), status = 302): Promise<TestServer> {
  return startTestServer((request, response) => {
    if (!request.path.startsWith("/from")) return response.end("arrived");
    const to = typeof location === "string" ? location : location();
    return response.writeHead(status, { location: to }).end("moved");
  });
}

const paths = (server: TestServer) => server.received.map(({ path }) => path);

describe("on the same origin and below the base path", () => {
  test("a redirect is followed with token and tenant", async () => {
    const server = await redirecting("/api/to?x=1");
    const { answer, followed } = await follow(rulesFor(server), callTo(server.url("/from")));
    expect([answer.status, answer.body]).toEqual([200, "arrived"]);
    expect(paths(server)).toEqual(["/from", "/api/to?x=1"]);
    expect(server.received[1]?.headers).toMatchObject({
      authorization: "Bearer s3cr3t",
      "x-tenant-id": "t1",
    });
    expect(followed.map((each) => each.body)).toEqual(["moved"]);
  });

  test("a relative location is read against the URL that redirected", async () => {
    const server = await startTestServer((request, response) => {
      const next: Record<string, string> = { "/a/b/c": "../d/e", "/a/d/e": "f" };
      const location = next[request.path];
      if (location === undefined) response.end();
      else response.writeHead(302, { location }).end();
    });
    await follow(rulesFor(server), callTo(server.url("/a/b/c")));
    expect(paths(server)).toEqual(["/a/b/c", "/a/d/e", "/a/d/f"]);
  });

  test("an allowed origin's own redirects stay with it", async () => {
    const api = await startTestServer();
    const files = await redirecting("/anywhere");
    const rules = rulesFor(api, "/base/", files.origin);
    await follow(rules, callTo(files.url("/from")));
    expect(paths(files)).toEqual(["/from", "/anywhere"]);
  });
});

describe("anywhere else", () => {
  test("a redirect is the answer, and the other server receives nothing", async () => {
    const other = await startTestServer();
    const server = await redirecting(() => `${other.origin}/from?x`);
    const { answer, followed } = await follow(rulesFor(server), callTo(server.url("/from")));
    expect([answer.status, answer.body]).toEqual([302, "moved"]);
    expect(answer.headers.get("location")).toBe(`${other.origin}/from?x`);
    expect(followed).toEqual([]);
    expect(paths(server)).toEqual(["/from"]);
    expect([other.received.length, other.connections()]).toEqual([0, 0]);
  });

  test.each([301, 302, 303, 307, 308])(
    "a %i sends neither token nor body to another origin",
    async (status) => {
      const other = await startTestServer();
      const server = await redirecting(() => `//127.0.0.1:${other.port}/x`, status);
      const { answer } = await follow(
        rulesFor(server, "/", "https://files.example.org"),
        callTo(server.url("/from"), { method: "POST", body: "s3cr3t-4711" }),
      );
      expect(answer.status).toBe(status);
      expect(other.connections()).toBe(0);
    },
  );

  test("even an allowed origin is not redirected to: it was not asked for", async () => {
    const other = await startTestServer();
    const server = await redirecting(() => other.url("/x").href);
    const rules = rulesFor(server, "/", other.origin);
    expect((await follow(rules, callTo(server.url("/from")))).answer.status).toBe(302);
    expect(other.connections()).toBe(0);
  });

  test("a second redirect that leaves the origin is the answer", async () => {
    const other = await startTestServer();
    const server = await startTestServer((request, response) =>
      response
        .writeHead(302, { location: request.path === "/a" ? "/b" : other.url("/x").href })
        .end(request.path),
    );
    const { answer } = await follow(rulesFor(server), callTo(server.url("/a")));
    expect([answer.status, answer.body]).toEqual([302, "/b"]);
    expect(other.connections()).toBe(0);
  });

  test.each(["/x", "/basement", "../x", "/base/%2e%2e/x"])(
    "a redirect above the base path, to %s",
    async (to) => {
      const server = await startTestServer((_request, response) =>
        response.writeHead(302, { location: to }).end(),
      );
      const { answer } = await follow(rulesFor(server, "/base/"), callTo(server.url("/base/a")));
      expect(answer.status).toBe(302);
      expect(paths(server)).toEqual(["/base/a"]);
    },
  );

  test.each(["https://", "javascript:alert(1)", "http://[", "data:,x", "file:///etc/passwd"])(
    "a redirect to %s",
    async (location) => {
      const server = await redirecting(location);
      expect((await follow(rulesFor(server), callTo(server.url("/from")))).answer.status).toBe(302);
      expect(server.received).toHaveLength(1);
    },
  );

  test("a redirect without a location", async () => {
    const server = await startTestServer((_request, response) => response.writeHead(302).end());
    expect((await follow(rulesFor(server), callTo(server.url("/from")))).answer.status).toBe(302);
    expect(server.received).toHaveLength(1);
  });

  test.each([200, 201, 300, 304, 305, 306, 404])("%i with a location is no redirect", async (status) => {
    const server = await startTestServer((_request, response) =>
      response.writeHead(status, { location: "/to" }).end(),
    );
    expect((await follow(rulesFor(server), callTo(server.url("/from")))).answer.status).toBe(status);
    expect(server.received).toHaveLength(1);
  });
});

describe("method and body change as with fetch", () => {
  const seen = ({ method, path, body, headers }: ReceivedRequest) => ({
    method,
    path,
    body,
    type: headers["content-type"],
    language: headers["content-language"],
    other: headers["x-other"],
  });
  const cases = [301, 302, 303, 307, 308].flatMap((status) =>
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((method) => [status, method] as const),
  );

  test.each(cases)("%i after %s", async (status, method) => {
    const server = await redirecting("/to", status);
    const body = method === "GET" || method === "HEAD" ? undefined : '{"a":1}';
    const own = { "content-type": "application/json", "content-language": "de", "x-other": "1" };
    const headers = body === undefined ? { "x-other": "1" } : own;
    // The runtime's fetch, which follows by itself, is the oracle.
    await fetch(server.url("/from"), { method, headers, body: body ?? null });
    const expected = server.received.map(seen);
    expect(expected).toHaveLength(2);

    await follow(rulesFor(server), callTo(server.url("/from"), { method, headers, body }));
    expect(server.received.slice(2).map(seen)).toEqual(expected);
  });

  test("a call that became GET stays GET", async () => {
    const server = await startTestServer((request, response) => {
      const next: Record<string, [number, string]> = { "/a": [303, "/b"], "/b": [307, "/c"] };
      const [status, location] = next[request.path] ?? [200, "/"];
      response.writeHead(status, { location }).end();
    });
    await follow(rulesFor(server), callTo(server.url("/a"), { method: "POST", body: "x" }));
    expect(server.received.map(({ method, body }) => [method, body])).toEqual([
      ["POST", "x"],
      ["GET", ""],
      ["GET", ""],
    ]);
  });
});

describe("a body that cannot be sent again", () => {
  const stream = () => new Blob(["streamed"]).stream();

  test.each([307, 308])("makes %i the answer", async (status) => {
    const server = await redirecting("/to", status);
    const call = callTo(server.url("/from"), { method: "POST", body: stream(), replayable: false });
    const { answer, followed } = await follow(rulesFor(server), call);
    expect(answer.status).toBe(status);
    expect(followed).toEqual([]);
    expect(server.received.map(({ body }) => body)).toEqual(["streamed"]);
  });

  test.each([301, 302])("makes %i after PUT the answer", async (status) => {
    const server = await redirecting("/to", status);
    const call = callTo(server.url("/from"), { method: "PUT", body: stream(), replayable: false });
    expect((await follow(rulesFor(server), call)).answer.status).toBe(status);
    expect(server.received).toHaveLength(1);
  });

  test.each([
    [303, "PUT"],
    [303, "POST"],
    [302, "POST"],
    [301, "POST"],
  ])("is no hindrance to %i after %s, which drops it", async (status, method) => {
    const server = await redirecting("/to", status);
    const call = callTo(server.url("/from"), { method, body: stream(), replayable: false });
    expect((await follow(rulesFor(server), call)).answer.status).toBe(200);
    expect(server.received.map((request) => [request.method, request.body])).toEqual([
      [method, "streamed"],
      ["GET", ""],
    ]);
  });
});

describe("at most five redirects are followed", () => {
  const endless = () =>
    startTestServer((request, response) => {
      const number = Number(request.path.slice(1));
      response.writeHead(302, { location: `/${number + 1}` }).end(request.path);
    });

  test("the sixth is the answer", async () => {
    const server = await endless();
    const { answer, followed } = await follow(rulesFor(server), callTo(server.url("/0")));
    expect([answer.status, answer.body, answer.headers.get("location")]).toEqual([302, "/5", "/6"]);
    expect(paths(server)).toEqual(["/0", "/1", "/2", "/3", "/4", "/5"]);
    expect(followed.map((each) => each.body)).toEqual(["/0", "/1", "/2", "/3", "/4"]);
  });

  test("each call has its own five", async () => {
    const server = await endless();
    const send = followingRedirects<Call, TransportResponse>(rulesFor(server), createTransport(), () => {});
    await Promise.all([send(callTo(server.url("/0"))), send(callTo(server.url("/100")))]);
    expect(server.received).toHaveLength(12);
  });

  test("five are not too many", async () => {
    const server = await startTestServer((request, response) => {
      const number = Number(request.path.slice(1));
      if (number === 5) response.end("arrived");
      else response.writeHead(302, { location: `/${number + 1}` }).end();
    });
    expect((await follow(rulesFor(server), callTo(server.url("/0")))).answer.body).toBe("arrived");
  });
});

test.each(["manual", "error"] as const)("redirect: %j leaves a redirect to the caller", async (redirect) => {
  const server = await redirecting("/to");
  const { answer } = await follow(rulesFor(server), callTo(server.url("/from"), { redirect }));
  expect([answer.status, answer.headers.get("location")]).toEqual([302, "/to"]);
  expect(paths(server)).toEqual(["/from"]);
});

test("a failure on the way rejects", async () => {
  const server = await startTestServer((request, response) => {
    if (request.path === "/from") response.writeHead(302, { location: "/to" }).end();
    else response.socket?.resetAndDestroy();
  });
  const send = followingRedirects<Call, TransportResponse>(
    rulesFor(server),
    createFetchTransport(fetch),
    () => {},
  );
  expect(await rejection(send(callTo(server.url("/from"))))).toMatchObject({ code: "network_error" });
});
