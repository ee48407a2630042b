import { describe, expect, test } from "vitest";
import { TokenRequestError } from "../errors.ts";
import { type AuthorizableCall, authorized } from "./authorized.ts";
import { fakeTokenSource } from "./fake-token-source.test.support.ts";
import { rejection, startTestServer } from "./test-server.test.support.ts";
import { requestTo } from "./transport-cases.test.support.ts";
import { createTransport } from "./undici-transport.ts";

function callWith(changes: Partial<AuthorizableCall> = {}): AuthorizableCall {
  return {
    headers: {},
    tenantId: "t1",
    replayable: true,
    signal: undefined,
    waitUntil: undefined,
    ...changes,
  };
}

const ignore = () => {};

/** Answers with the given statuses in turn, and records what was sent. */
function answering(...statuses: number[]) {
  const sent: AuthorizableCall[] = [];
  const send = async (call: AuthorizableCall) => {
    sent.push(call);
    const status = statuses[sent.length - 1];
    if (status === undefined) throw new Error("No further call was expected to be sent");
    return { status, number: sent.length };
  };
  return { sent, send };
}

const authorizations = (sent: readonly AuthorizableCall[]) =>
  sent.map((call) => call.headers["authorization"]);

describe("a call", () => {
  test("arrives with exactly one Authorization and one X-Tenant-Id", async () => {
    const server = await startTestServer();
    const transport = createTransport();
    const send = authorized(
      fakeTokenSource("token-1"),
      (call: AuthorizableCall) => transport(requestTo(server.url("/"), { headers: call.headers })),
      ignore,
      ignore,
    );
    await send(callWith({ headers: { accept: "application/json" } }));
    const [received] = server.received;
    const names = received?.rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(names?.filter((name) => name === "authorization")).toHaveLength(1);
    expect(names?.filter((name) => name === "x-tenant-id")).toHaveLength(1);
    expect(received?.headers).toMatchObject({
      authorization: "Bearer token-1",
      "x-tenant-id": "t1",
      accept: "application/json",
    });
  });

  test("has its own token and tenant, whatever its headers held before, and is not changed itself", async () => {
    const { sent, send } = answering(200);
    const call = callWith({ headers: { authorization: "Bearer other", "x-tenant-id": "other", a: "1" } });
    const before = structuredClone(call.headers);
    await authorized(fakeTokenSource("token-1"), send, ignore, ignore)(call);
    expect(sent[0]?.headers).toEqual({ authorization: "Bearer token-1", "x-tenant-id": "t1", a: "1" });
    expect(call.headers).toEqual(before);
  });

  test("of tenantId false has no X-Tenant-Id", async () => {
    const { sent, send } = answering(401, 200);
    await authorized(fakeTokenSource("a", "b"), send, ignore, ignore)(callWith({ tenantId: false }));
    for (const call of sent) expect(Object.keys(call.headers)).toEqual(["authorization"]);
  });

  test("hands its signal and waitUntil to the token source, each time", async () => {
    const { send } = answering(401, 200);
    const tokens = fakeTokenSource("a", "b");
    const { signal } = new AbortController();
    const waitUntil = () => {};
    await authorized(tokens, send, ignore, ignore)(callWith({ signal, waitUntil }));
    expect(tokens.queries).toHaveLength(2);
    for (const query of tokens.queries) expect(query).toMatchObject({ signal, waitUntil });
  });

  test.each([200, 204, 302, 400, 403, 404, 408, 429, 500, 503])(
    "answered with %i is answered: nothing is renewed, and a success tells that the token was accepted",
    async (status) => {
      const { sent, send } = answering(status);
      const tokens = fakeTokenSource("a");
      const replays: unknown[] = [];
      const answer = await authorized(tokens, send, ignore, (call) => replays.push(call))(callWith());
      expect(answer).toEqual({ status, number: 1 });
      expect(sent).toHaveLength(1);
      expect(tokens.queries).toEqual([{ signal: undefined, waitUntil: undefined }]);
      expect(tokens.acceptedValues).toEqual(status < 400 ? ["a"] : []);
      expect(replays).toEqual([]);
    },
  );

  test("without a token is not sent, and rejects as the token source does", async () => {
    const { sent, send } = answering();
    const failure = new TokenRequestError("no", { code: "token_request_refused" });
    expect(await rejection(authorized(fakeTokenSource(failure), send, ignore, ignore)(callWith()))).toBe(
      failure,
    );
    expect(sent).toEqual([]);
  });

  test("that fails on the wire rejects with that failure, and the token counts as nothing", async () => {
    const failure = new Error("wire");
    const tokens = fakeTokenSource("a");
    const send = authorized(tokens, () => Promise.reject(failure), ignore, ignore);
    expect(await rejection(send(callWith()))).toBe(failure);
    expect(tokens.queries).toHaveLength(1);
    expect(tokens.acceptedValues).toEqual([]);
  });
});

describe("a 401", () => {
  test("renews the token that was sent, once, and the call is replayed once with the new one", async () => {
    const { sent, send } = answering(401, 200);
    const tokens = fakeTokenSource("old", "new");
    const answer = await authorized(tokens, send, ignore, ignore)(callWith({ headers: { a: "1" } }));
    expect(answer).toEqual({ status: 200, number: 2 });
    expect(authorizations(sent)).toEqual(["Bearer old", "Bearer new"]);
    expect(sent[1]?.headers).toMatchObject({ a: "1", "x-tenant-id": "t1" });
    expect(tokens.queries).toHaveLength(2);
    expect(tokens.queries[0]?.rejected).toBeUndefined();
    expect(tokens.queries[1]?.rejected?.value).toBe("old");
    expect(tokens.acceptedValues).toEqual(["new"]);
  });

  test("a second time is the answer", async () => {
    const { sent, send } = answering(401, 401);
    const tokens = fakeTokenSource("old", "new");
    const answer = await authorized(tokens, send, ignore, ignore)(callWith());
    expect(answer).toEqual({ status: 401, number: 2 });
    expect(sent).toHaveLength(2);
    expect(tokens.queries).toHaveLength(2);
    expect(tokens.acceptedValues).toEqual([]);
  });

  test.each([200, 403, 500, 429])(
    "followed by %i brings that answer, and a success alone tells that the new token was accepted",
    async (status) => {
      const { send } = answering(401, status);
      const tokens = fakeTokenSource("old", "new");
      expect(await authorized(tokens, send, ignore, ignore)(callWith())).toEqual({ status, number: 2 });
      expect(tokens.acceptedValues).toEqual(status < 400 ? ["new"] : []);
    },
  );

  test("whose renewal brings the same token is the answer: nothing is replayed", async () => {
    const { sent, send } = answering(401);
    const replays: unknown[] = [];
    const tokens = fakeTokenSource("same", "same");
    const answer = await authorized(tokens, send, ignore, (call) => replays.push(call))(callWith());
    expect(answer).toEqual({ status: 401, number: 1 });
    expect(sent).toHaveLength(1);
    expect(replays).toEqual([]);
    expect(tokens.acceptedValues).toEqual([]);
  });

  test("of a call that cannot be sent again is the answer, and its token is renewed all the same", async () => {
    const { sent, send } = answering(401);
    const replays: unknown[] = [];
    const tokens = fakeTokenSource("old", "new");
    const answer = await authorized(tokens, send, ignore, (call) => replays.push(call))(
      callWith({ replayable: false }),
    );
    expect(answer).toEqual({ status: 401, number: 1 });
    expect(sent).toHaveLength(1);
    expect(tokens.queries[1]?.rejected?.value).toBe("old");
    expect(replays).toEqual([]);
  });

  test("whose renewal fails rejects as the token source does, and nothing is replayed", async () => {
    const { sent, send } = answering(401);
    const failure = new TokenRequestError("no", { code: "token_endpoint_unavailable" });
    const replays: unknown[] = [];
    const call = authorized(fakeTokenSource("old", failure), send, ignore, (call) => replays.push(call))(
      callWith(),
    );
    expect(await rejection(call)).toBe(failure);
    expect(sent).toHaveLength(1);
    expect(replays).toEqual([]);
  });

  test("has its answer freed before the replay is sent", async () => {
    const { sent, send } = answering(401, 200);
    const told: unknown[] = [];
    const discard = (answer: object) => told.push([answer, sent.length]);
    const onReplay = (call: AuthorizableCall) => told.push([call.tenantId, sent.length]);
    await authorized(fakeTokenSource("old", "new"), send, discard, onReplay)(callWith());
    expect(told).toEqual([
      [{ status: 401, number: 1 }, 1],
      ["t1", 1],
    ]);
  });

  test("has its answer freed where its renewal fails, since no one will get it", async () => {
    const { send } = answering(401);
    const failure = new TokenRequestError("no", { code: "token_endpoint_unavailable" });
    const freed: unknown[] = [];
    const discard = (answer: object) => freed.push(answer);
    await rejection(authorized(fakeTokenSource("old", failure), send, discard, ignore)(callWith()));
    expect(freed).toEqual([{ status: 401, number: 1 }]);
  });

  test.each([
    ["a pause of renewals", "old", true],
    ["a body that cannot be sent again", "new", false],
  ])("keeps its answer whole for the caller after %s", async (_why, second, replayable) => {
    const { send } = answering(401);
    const freed: unknown[] = [];
    const discard = (answer: object) => freed.push(answer);
    await authorized(fakeTokenSource("old", second), send, discard, ignore)(callWith({ replayable }));
    expect(freed).toEqual([]);
  });

  test("concurrent ones each renew the token that they were sent with", async () => {
    const { sent, send } = answering(401, 401, 200, 200);
    const tokens = fakeTokenSource("a", "a", "b", "b");
    const call = authorized(tokens, send, ignore, ignore);
    const answers = await Promise.all([call(callWith()), call(callWith({ tenantId: "t2" }))]);
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(tokens.queries.map((query) => query.rejected?.value)).toEqual([undefined, undefined, "a", "a"]);
    expect(sent.map((each) => each.headers["x-tenant-id"]).sort()).toEqual(["t1", "t1", "t2", "t2"]);
  });
});
