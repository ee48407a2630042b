import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { NetworkError } from "../errors.ts";
import { type AccessToken, wallClock } from "./access-token.ts";
import {
  drain,
  endpoint,
  epoch,
  granted,
  type Outcome,
  pass,
  refused,
  response,
  rightSecret,
  sealFor,
  setUp,
  setUpHolding,
  stateOf,
  stepWallClock,
  stopClocks,
  timeout,
  tokenValue,
} from "./token-source.test.support.ts";

const hour = 3_600_000;

beforeEach(() => {
  vi.restoreAllMocks();
  stopClocks();
});

/** Makes every random draw of a test `value`. */
function draw(value: number): void {
  vi.spyOn(Math, "random").mockReturnValue(value);
}

function unhandledRejections(): unknown[] {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", listener);
  onTestFinished(() => {
    process.off("unhandledRejection", listener);
  });
  return unhandled;
}

const connectionError = () =>
  new NetworkError("No answer (ECONNRESET)", { code: "network_error", retryable: true });

/** Every way for a token request to fail, as the endpoint's answer. */
const failures: [name: string, outcome: () => Outcome][] = [
  ["429", () => response(429, "")],
  ["500", () => response(500, "<html>")],
  ["503 with Retry-After", () => response(503, "", { "retry-after": "7" })],
  ["a connection error", connectionError],
  ["invalid_client", () => refused()],
  ["HTML with 200", () => response(200, "<html>")],
  ["a redirect", () => response(302, "", { location: "https://elsewhere.example" })],
  ["silence", () => undefined],
];

describe("single flight", () => {
  test("200 concurrent cold calls send one token request and get the same token", async () => {
    const { source, server } = setUp();
    const calls = Array.from({ length: 200 }, () => source.getToken());
    await drain();
    expect(server.requests).toHaveLength(1);
    await server.request(1).end(granted("access-token-1"));
    const tokens = new Set(await Promise.all(calls));
    expect([...tokens].map(({ value }) => value)).toEqual(["access-token-1"]);
    expect(server.requests).toHaveLength(1);
  });

  test("a call that comes while the request is on its way joins it", async () => {
    const { source, server } = setUp();
    const first = source.getToken();
    await pass(3_000);
    const second = source.getToken();
    await drain();
    expect(server.requests).toHaveLength(1);
    await server.request(1).end(granted("access-token-1"));
    expect(await second).toBe(await first);
  });

  test("a held token is handed out without a promise and without a request", async () => {
    const { server, token, current } = await setUpHolding();
    expect(current()).toBe(token);
    await pass(2_000_000);
    expect(current()).toBe(token);
    expect(server.requests).toHaveLength(1);
  });

  test("two sources share neither a flight nor a token", async () => {
    const one = await setUpHolding();
    const other = setUp();
    const call = other.source.getToken();
    await drain();
    await other.server.request(1).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
    expect(one.current().value).toBe("access-token-1");
  });

  test("nothing is sent, and no secret is read, before the first call", async () => {
    const clientSecret = vi.fn(() => rightSecret);
    const { server } = setUp({ clientSecret });
    await pass(hour);
    expect(clientSecret).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(0);
  });

  test("a failure clears the flight: the next call asks again", async () => {
    const { source, server } = setUp();
    server.reply = (count) => (count === 1 ? response(404, "") : granted("access-token-1"));
    await expect(source.getToken()).rejects.toMatchObject({ code: "token_response_invalid" });
    expect(await tokenValue(source.getToken())).toBe("access-token-1");
    expect(server.requests).toHaveLength(2);
  });

  test("a failure reaches every caller that waited for it", async () => {
    const { source, server } = setUp();
    server.reply = () => response(404, "");
    const calls = await Promise.allSettled(Array.from({ length: 20 }, () => source.getToken()));
    expect(calls.filter(({ status }) => status === "rejected")).toHaveLength(20);
    expect(server.requests).toHaveLength(1);
  });
});

describe("refresh ahead of expiry", () => {
  test.each([
    [0, 0.75],
    [0.5, 0.8],
    [1, 0.85],
  ])("with a draw of %d the refresh starts at %d of the life", async (random, share) => {
    draw(random);
    const { server, current } = await setUpHolding();
    await pass(hour * share - 1);
    current();
    await drain();
    expect(server.requests).toHaveLength(1);
    await pass(1);
    expect(current().value).toBe("access-token-1");
    await drain();
    expect(server.requests).toHaveLength(2);
  });

  test("each token draws its own moment", async () => {
    const { source, server, current } = setUp();
    server.reply = (count) => granted(`access-token-${count}`);
    draw(1);
    await source.getToken();
    draw(0);
    await pass(hour * 0.85);
    current();
    await drain();
    expect(current().value).toBe("access-token-2");
    await pass(hour * 0.75);
    current();
    await drain();
    expect(current().value).toBe("access-token-3");
  });

  test("one refresh runs in the background while every caller keeps the current token", async () => {
    const { server, token, current } = await setUpHolding();
    await pass(hour * 0.9);
    for (let call = 0; call < 50; call++) expect(current()).toBe(token);
    await pass(1_000);
    expect(current()).toBe(token);
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(current().value).toBe("access-token-2");
    expect(server.requests).toHaveLength(2);
  });

  test("without a call nothing is refreshed: there are no timers", async () => {
    const { server } = await setUpHolding();
    expect(vi.getTimerCount()).toBe(0);
    await pass(10 * hour);
    expect(server.requests).toHaveLength(1);
  });

  test("its failure is an event and no unhandled rejection, and callers keep the token", async () => {
    const unhandled = unhandledRejections();
    const { server, token, current, eventsOf } = await setUpHolding();
    await pass(hour * 0.9);
    current();
    await drain();
    await server.request(2).end(response(404, ""));
    expect(current()).toBe(token);
    expect(eventsOf("token_refresh_failed")).toEqual([
      {
        type: "token_refresh_failed",
        keyId: (await sealFor(rightSecret)).keyId,
        code: "token_response_invalid",
        remaining: hour * 0.1,
      },
    ]);
    expect(unhandled).toEqual([]);
  });

  test("a failed refresh is tried again after 5 s, then 10 s, 20 s, 40 s, 60 s and 60 s", async () => {
    const { server, current } = await setUpHolding();
    server.reply = () => response(404, "");
    await pass(hour * 0.9);
    current();
    await drain();
    expect(server.requests).toHaveLength(2);
    for (const [index, pause] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      await pass(pause - 1);
      current();
      await drain();
      expect(server.requests).toHaveLength(2 + index);
      await pass(1);
      current();
      await drain();
      expect(server.requests).toHaveLength(3 + index);
    }
  });

  test("after a refresh that worked, the pause starts at 5 s again", async () => {
    const { server, current } = await setUpHolding();
    server.reply = (count) => (count === 4 ? granted("access-token-2") : response(404, ""));
    await pass(hour * 0.9);
    for (const pause of [0, 5_000, 10_000]) {
      await pass(pause);
      current();
      await drain();
    }
    expect(current().value).toBe("access-token-2");
    await pass(hour * 0.9);
    current();
    await drain();
    expect(server.requests).toHaveLength(5);
    await pass(5_000);
    current();
    await drain();
    expect(server.requests).toHaveLength(6);
  });

  test("after a token that callers had to wait for, the pause starts at 5 s again", async () => {
    draw(0);
    const { source, server, current } = await setUpHolding(60);
    server.reply = () => response(404, "");
    await pass(45_000);
    current();
    await pass(5_000);
    current();
    await pass(5_000);
    expect(server.requests).toHaveLength(3);
    server.reply = () => granted("access-token-2", 60);
    await source.getToken();
    server.reply = () => response(404, "");
    await pass(45_000);
    current();
    await drain();
    expect(server.requests).toHaveLength(5);
    await pass(5_000);
    current();
    await drain();
    expect(server.requests).toHaveLength(6);
  });

  test("a failed refresh waits longer than its pause where Retry-After says so", async () => {
    const { server, current } = await setUpHolding();
    server.reply = () => response(503, "", { "retry-after": "25" });
    await pass(hour * 0.9);
    current();
    await pass(24_999);
    current();
    await drain();
    expect(server.requests).toHaveLength(2);
    await pass(1);
    current();
    await drain();
    expect(server.requests).toHaveLength(3);
  });

  test.each(failures)("while a valid token is held, %s reaches no caller", async (_name, outcome) => {
    const unhandled = unhandledRejections();
    const { server, token, current } = await setUpHolding();
    server.reply = outcome;
    for (let moment = 0; moment < 3_595_000; moment += 4_999) {
      expect(current()).toBe(token);
      await pass(4_999);
    }
    await pass(timeout);
    expect(server.requests.length).toBeGreaterThan(2);
    expect(unhandled).toEqual([]);
  });
});

describe("expiry", () => {
  test("from the hard end on callers wait for a new token", async () => {
    const { ask, server, token, current } = await setUpHolding();
    await pass(hour - 5_001);
    expect(current()).toBe(token);
    await drain();
    await server.request(2).end(response(404, ""));
    await pass(1);
    const call = ask();
    expect(await stateOf(call)).toBe("pending");
    await server.request(3).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
  });

  test("callers that wait at the hard end join a refresh that is on its way", async () => {
    const { source, server, current } = await setUpHolding();
    await pass(hour - 5_001);
    current();
    await pass(1);
    const calls = [source.getToken(), source.getToken()];
    await drain();
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await Promise.all(calls.map(tokenValue))).toEqual(["access-token-2", "access-token-2"]);
  });

  test("a failure at the hard end reaches the callers: no token is left", async () => {
    const { source, server } = await setUpHolding();
    server.reply = () => refused();
    await pass(hour);
    await expect(Promise.resolve(source.getToken())).rejects.toMatchObject({ error: "invalid_client" });
  });

  test("a 2 s token works, is served to 1.8 s of its life, and is not fetched per call", async () => {
    const { source, server } = setUp();
    server.reply = (count) => granted(`access-token-${count}`, 2);
    const started = performance.now();
    let calls = 0;
    while (performance.now() - started < 20_000) {
      const token = await source.getToken();
      expect(token.expiresAt - Date.now()).toBeGreaterThan(200);
      calls++;
      await pass(100);
    }
    expect(calls).toBe(200);
    expect(server.requests.length).toBeLessThanOrEqual(14);
  });

  test.each([0, -1, "0"])("a token with expires_in %j is used once by the callers waiting", async (life) => {
    const { source, server } = setUp();
    server.reply = (count) => granted(`access-token-${count}`, life);
    const together = Array.from({ length: 20 }, () => tokenValue(source.getToken()));
    expect(new Set(await Promise.all(together))).toEqual(new Set(["access-token-1"]));
    expect(await tokenValue(source.getToken())).toBe("access-token-2");
    expect(await tokenValue(source.getToken())).toBe("access-token-3");
  });

  test("a refresh that brings a token without a life leaves callers the current one", async () => {
    const { server, token, current } = await setUpHolding();
    server.reply = () => granted("access-token-2", 0);
    await pass(hour * 0.9);
    current();
    await drain();
    expect(server.requests).toHaveLength(2);
    expect(current()).toBe(token);
  });

  test("a life begins as the request is sent, not as the answer comes", async () => {
    const { ask, server, current } = setUp();
    const call = ask();
    await pass(4_000);
    await server.request(1).end(granted("access-token-1", 100));
    expect((await call).expiresAt).toBe(epoch + 100_000);
    await pass(90_999);
    expect(current().value).toBe("access-token-1");
    await pass(1);
    const next = ask();
    expect(await stateOf(next)).toBe("pending");
  });

  test("a life begins with the attempt that was answered, not with the first", async () => {
    const { ask, server } = setUp();
    server.reply = (count) =>
      count === 1 ? response(503, "", { "retry-after": "3" }) : granted("access-token-1", 100);
    const call = ask();
    await pass(3_000);
    expect((await call).expiresAt).toBe(epoch + 3_000 + 100_000);
  });
});

describe("clocks", () => {
  test("a wall clock that steps forward ends the token", async () => {
    const { ask, server } = await setUpHolding();
    stepWallClock(hour);
    const call = ask();
    await drain();
    await server.request(2).end(granted("access-token-2"));
    const token = await call;
    expect([token.value, token.expiresAt]).toEqual(["access-token-2", epoch + 2 * hour]);
  });

  test("a machine that was suspended past the expiry does not use the token on waking", async () => {
    const { ask, current } = await setUpHolding();
    await pass(hour / 2);
    expect(current().value).toBe("access-token-1");
    stepWallClock(hour / 2 - 5_000);
    const call = ask();
    expect(await stateOf(call)).toBe("pending");
  });

  test("a wall clock that steps back does not lengthen a token's life", async () => {
    const { ask, token, current } = await setUpHolding();
    stepWallClock(-24 * hour);
    expect(current()).toBe(token);
    await pass(hour - 5_001);
    expect(current()).toBe(token);
    await pass(1);
    const call = ask();
    expect(await stateOf(call)).toBe("pending");
  });

  test("a wall clock that steps back starts no refresh and no request", async () => {
    const { server, current } = await setUpHolding();
    stepWallClock(-24 * hour);
    for (let call = 0; call < 10; call++) current();
    await pass(hour / 2);
    current();
    await drain();
    expect(server.requests).toHaveLength(1);
  });

  test("a token from after a step of the wall clock is kept", async () => {
    const { source, server, current } = await setUpHolding();
    stepWallClock(hour);
    server.reply = (count) => granted(`access-token-${count}`);
    await source.getToken();
    stepWallClock(-hour);
    expect(current().value).toBe("access-token-2");
    expect(server.requests).toHaveLength(2);
  });
});

describe("refusals", () => {
  test("invalid_client fails fast for 5 s, doubling to 60 s, and is tried again after each", async () => {
    const { source, server } = setUp({ clientSecret: "wrong-secret" });
    server.reply = () => refused();
    await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
    for (const [index, pause] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      await pass(pause - 1);
      await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
      expect(server.requests).toHaveLength(1 + index);
      await pass(1);
      await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
      expect(server.requests).toHaveLength(2 + index);
    }
  });

  test.each([
    "invalid_request",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "of_theirs",
  ])("%s is remembered like invalid_client", async (error) => {
    const { source, server } = setUp();
    server.reply = () => response(400, { error });
    for (let call = 0; call < 5; call++) {
      await expect(source.getToken()).rejects.toMatchObject({ error, code: "token_request_refused" });
    }
    expect(server.requests).toHaveLength(1);
  });

  test("50 calls with a wrong secret, one after another, send one request", async () => {
    const { source, server } = setUp({ clientSecret: "wrong-secret" });
    server.reply = () => refused();
    for (let call = 0; call < 50; call++) {
      await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
      await pass(90);
    }
    expect(server.requests).toHaveLength(1);
  });

  test("50 calls with a wrong secret at once send one request", async () => {
    const { source, server } = setUp({ clientSecret: "wrong-secret" });
    server.reply = () => refused();
    const calls = await Promise.allSettled(Array.from({ length: 50 }, () => source.getToken()));
    expect(calls.every(({ status }) => status === "rejected")).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  test("a token that is granted ends the doubling", async () => {
    const { source, server } = setUp();
    server.reply = (count) => (count === 3 ? granted("access-token-1", 0) : refused());
    await expect(source.getToken()).rejects.toThrow();
    await pass(5_000);
    await expect(source.getToken()).rejects.toThrow();
    await pass(10_000);
    await source.getToken();
    await expect(source.getToken()).rejects.toThrow();
    await pass(5_000);
    await expect(source.getToken()).rejects.toThrow();
    expect(server.requests).toHaveLength(5);
  });

  test("an answer that is no token and no OAuth error is not remembered", async () => {
    const { source, server } = setUp();
    server.reply = () => response(200, "<html>");
    for (let call = 0; call < 3; call++) await expect(source.getToken()).rejects.toThrow();
    expect(server.requests).toHaveLength(3);
  });
});

describe("a secret that is read by a function", () => {
  test("is read once for many tokens", async () => {
    const clientSecret = vi.fn(async () => rightSecret);
    const { source, server } = setUp({ clientSecret });
    server.reply = (count) => granted(`access-token-${count}`);
    for (let day = 0; day < 3; day++) {
      await source.getToken();
      await pass(24 * hour);
    }
    expect(server.requests.map(({ secret }) => secret)).toEqual([rightSecret, rightSecret, rightSecret]);
    expect(clientSecret).toHaveBeenCalledTimes(1);
  });

  test("is read again after invalid_client, and a rotated secret is tried at once for the same callers", async () => {
    const secrets = ["old-access-token", "new-access-token"];
    const clientSecret = vi.fn(() => secrets.shift() ?? "new-access-token");
    const { source, server } = setUp({ clientSecret });
    server.reply = (_count, { secret }) =>
      secret === "new-access-token" ? granted("access-token-1") : refused();
    const calls = Array.from({ length: 10 }, () => tokenValue(source.getToken()));
    expect(new Set(await Promise.all(calls))).toEqual(new Set(["access-token-1"]));
    expect(server.requests.map(({ secret }) => secret)).toEqual(["old-access-token", "new-access-token"]);
    expect(clientSecret).toHaveBeenCalledTimes(2);
  });

  test.each(["invalid_scope", "unauthorized_client", "invalid_target"])(
    "is not read again after %s, which comes after the secret was found right",
    async (error) => {
      const clientSecret = vi.fn(() => rightSecret);
      const { source, server } = setUp({ clientSecret });
      server.reply = () => refused(error);
      for (let call = 0; call < 3; call++) {
        await expect(source.getToken()).rejects.toMatchObject({ error });
      }
      expect(clientSecret).toHaveBeenCalledTimes(1);
      expect(server.requests).toHaveLength(1);
    },
  );

  test("is not tried again unchanged after invalid_client", async () => {
    const { source, server } = setUp({ clientSecret: () => "wrong-secret" });
    server.reply = () => refused();
    for (let call = 0; call < 10; call++) {
      await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
    }
    expect(server.requests).toHaveLength(1);
  });

  test("is tried at once when it was rotated while the old one's refusal is remembered", async () => {
    let secret = "old-access-token";
    const { source, server } = setUp({ clientSecret: async () => secret });
    server.reply = (_count, arrived) =>
      arrived.secret === "new-access-token" ? granted("access-token-1") : refused();
    await expect(source.getToken()).rejects.toMatchObject({ error: "invalid_client" });
    await pass(1_000);
    secret = "new-access-token";
    expect(await tokenValue(source.getToken())).toBe("access-token-1");
    expect(server.requests.map((request) => request.secret)).toEqual([
      "old-access-token",
      "new-access-token",
    ]);
  });

  test("a rotated secret that is refused as well is remembered from 5 s on", async () => {
    let secret = "old-access-token";
    const { source, server } = setUp({ clientSecret: () => secret });
    server.reply = () => refused();
    await expect(source.getToken()).rejects.toThrow();
    await pass(5_000);
    await expect(source.getToken()).rejects.toThrow();
    secret = "new-access-token";
    await expect(source.getToken()).rejects.toThrow();
    await expect(source.getToken()).rejects.toThrow();
    expect(server.requests.map((request) => request.secret)).toEqual([
      "old-access-token",
      "old-access-token",
      "new-access-token",
    ]);
    await pass(5_000);
    await expect(source.getToken()).rejects.toThrow();
    expect(server.requests).toHaveLength(4);
  });

  test("a secret that was rotated at the server renews the token in the background", async () => {
    let secret = "old-access-token";
    const { source, server, current } = setUp({ clientSecret: () => secret });
    server.reply = (count, arrived) =>
      arrived.secret === secret ? granted(`access-token-${count}`) : refused();
    await source.getToken();
    secret = "new-access-token";
    await pass(hour * 0.9);
    expect(current().value).toBe("access-token-1");
    await drain();
    expect(current().value).toBe("access-token-3");
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("the vault is sealed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("the vault is sealed"))],
  ])("one that %s is a typed error with its cause; the next call asks it again", async (_name, fails) => {
    const clientSecret = vi
      .fn<() => string | Promise<string>>(() => rightSecret)
      .mockImplementationOnce(fails);
    const { source, server } = setUp({ clientSecret });
    server.reply = () => granted("access-token-1");
    await expect(source.getToken()).rejects.toMatchObject({
      name: "PersonifyError",
      code: "client_secret_unavailable",
      retryable: true,
      cause: { message: "the vault is sealed" },
    });
    expect(server.requests).toHaveLength(0);
    expect(await tokenValue(source.getToken())).toBe("access-token-1");
  });

  test.each([[""], [undefined], [null], [42], [{ secret: "s" }], ["\ud800"]])(
    "one that returns %j is a configuration error and nothing is sent",
    async (secret) => {
      const { source, server } = setUp({ clientSecret: () => secret as string });
      await expect(source.getToken()).rejects.toMatchObject({
        name: "ConfigurationError",
        code: "invalid_option",
      });
      expect(server.requests).toHaveLength(0);
    },
  );

  test("one that hangs ends the acquisition at timeout.token", async () => {
    const hanging = new Promise<string>(() => {});
    const clientSecret = vi
      .fn<() => string | Promise<string>>(() => rightSecret)
      .mockReturnValueOnce(hanging);
    const { source, ask, server } = setUp({ clientSecret });
    server.reply = () => granted("access-token-1");
    const call = ask();
    await pass(timeout - 1);
    expect(await stateOf(call)).toBe("pending");
    await pass(1);
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_timeout" } });
    expect(await tokenValue(source.getToken())).toBe("access-token-1");
  });
});

describe("retries", () => {
  test.each<[string, () => Outcome, object]>([
    ["429", () => response(429, ""), { code: "token_endpoint_unavailable" }],
    ["500", () => response(500, ""), { code: "token_endpoint_unavailable" }],
    ["503", () => response(503, ""), { code: "token_endpoint_unavailable" }],
    ["server_error", () => response(400, { error: "server_error" }), { error: "server_error" }],
    ["temporarily_unavailable", () => response(400, { error: "temporarily_unavailable" }), {}],
    ["a connection error", connectionError, { code: "token_network_error" }],
  ])("%s is retried twice and no more", async (_name, outcome, expected) => {
    const { ask, server, eventsOf } = setUp();
    server.reply = outcome;
    const call = ask();
    await pass(timeout - 1);
    expect(await stateOf(call)).toMatchObject({ reason: { retryable: true, ...expected } });
    expect(server.requests).toHaveLength(3);
    expect(eventsOf("token_requested").map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(eventsOf("token_request_failed").map(({ retryIn }) => typeof retryIn)).toEqual([
      "number",
      "number",
      "undefined",
    ]);
  });

  test("a retry that succeeds is all that the callers see", async () => {
    const { source, server, eventsOf } = setUp();
    server.reply = (count) => (count === 3 ? granted("access-token-1") : connectionError());
    const calls = [source.getToken(), source.getToken()];
    await pass(timeout - 1);
    expect(await Promise.all(calls.map(tokenValue))).toEqual(["access-token-1", "access-token-1"]);
    expect(eventsOf("token_received")).toMatchObject([{ attempt: 3, duration: 0, lifetime: hour }]);
  });

  test.each([
    [1, 200, 400],
    [0.5, 100, 200],
    [0.01, 2, 4],
  ])("the delays are drawn up to 200 ms, then up to 400 ms: %d", async (random, first, second) => {
    draw(random);
    const { ask, server, eventsOf } = setUp();
    server.reply = () => response(503, "");
    ask();
    await pass(1_000);
    expect(server.requests.map(({ at }) => at)).toEqual([0, first, first + second]);
    expect(eventsOf("token_request_failed").map(({ retryIn }) => retryIn)).toEqual([
      first,
      second,
      undefined,
    ]);
  });

  test.each([
    ["seconds", "3", 3_000],
    ["an HTTP-date", new Date(epoch + 4_000).toUTCString(), 4_000],
    ["a past HTTP-date", new Date(epoch - 60_000).toUTCString(), 0],
  ])("Retry-After as %s is the delay", async (_name, value, delay) => {
    const { ask, server } = setUp();
    server.reply = (count) =>
      count === 1 ? response(429, "", { "retry-after": value }) : granted("access-token-1");
    const call = ask();
    await drain();
    if (delay > 0) {
      await pass(delay - 1);
      expect(server.requests).toHaveLength(1);
    }
    await pass(Math.min(1, delay));
    expect(server.requests).toHaveLength(2);
    expect(await tokenValue(call)).toBe("access-token-1");
  });

  test("a Retry-After past the deadline fails now", async () => {
    const { ask, server } = setUp();
    server.reply = () => response(503, "", { "retry-after": "10" });
    const call = ask();
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_endpoint_unavailable" } });
    expect(server.requests).toHaveLength(1);
    expect(performance.now()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a Retry-After of an hour is read as 30 s", async () => {
    const { ask, server } = setUp({ timeout: 31_000 });
    server.reply = (count) =>
      count === 1 ? response(503, "", { "retry-after": "3600" }) : granted("access-token-1");
    const call = ask();
    await pass(29_999);
    expect(server.requests).toHaveLength(1);
    await pass(1);
    expect(await tokenValue(call)).toBe("access-token-1");
  });

  test.each([
    ["invalid_client", () => refused()],
    ["404", () => response(404, "")],
    ["HTML", () => response(200, "<html>")],
    [
      "a certificate that is not trusted",
      () => new NetworkError("No answer (CERT_HAS_EXPIRED)", { code: "network_error", retryable: false }),
    ],
    [
      "a body over the limit",
      () => new NetworkError("Too large", { code: "response_too_large", retryable: false }),
    ],
  ])("%s is not retried", async (_name, outcome) => {
    const { ask, server } = setUp();
    server.reply = outcome;
    const call = ask();
    await pass(timeout);
    expect(await stateOf(call)).toMatchObject({ reason: { retryable: false } });
    expect(server.requests).toHaveLength(1);
  });

  test("a stalled attempt ends at timeout.token, is aborted and is not retried", async () => {
    const { ask, server } = setUp();
    const call = ask();
    await pass(timeout - 1);
    expect(await stateOf(call)).toBe("pending");
    expect(server.request(1).request.signal.aborted).toBe(false);
    await pass(1);
    expect(await stateOf(call)).toMatchObject({ reason: { name: "TimeoutError", code: "token_timeout" } });
    expect(server.request(1).request.signal.aborted).toBe(true);
    await pass(hour);
    expect(server.requests).toHaveLength(1);
  });

  test("timeout.token covers the retries too", async () => {
    const { ask, server } = setUp();
    server.reply = (count) => (count === 1 ? response(503, "", { "retry-after": "6" }) : undefined);
    const call = ask();
    await pass(timeout - 1);
    expect(server.requests).toHaveLength(2);
    expect(await stateOf(call)).toBe("pending");
    await pass(1);
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_timeout" } });
  });

  test("a send that ignores its signal cannot outlast timeout.token", async () => {
    const { ask } = setUp({ send: () => new Promise(() => {}) });
    const call = ask();
    await pass(timeout);
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_timeout" } });
  });

  test("a client authentication that hangs cannot outlast timeout.token", async () => {
    const clientAuth = () => new Promise<void>(() => {});
    const { ask } = setUp({ endpoint: { ...endpoint, clientAuth } });
    const call = ask();
    await pass(timeout);
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_timeout" } });
  });

  test("after an acquisition no timer is left behind", async () => {
    const { ask, server } = setUp();
    server.reply = (count) => (count === 1 ? connectionError() : granted("access-token-1"));
    const call = ask();
    await pass(200);
    await call;
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("abort", () => {
  test("one waiter's abort rejects it at once with the signal's reason and leaves the rest", async () => {
    const { source, server } = setUp();
    const controller = new AbortController();
    const leaving = source.getToken({ signal: controller.signal });
    const staying = [source.getToken(), source.getToken({ signal: new AbortController().signal })];
    await drain();
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await stateOf(leaving)).toEqual({ reason });
    expect(server.request(1).request.signal.aborted).toBe(false);
    await server.request(1).end(granted("access-token-1"));
    expect(await Promise.all(staying.map(tokenValue))).toEqual(["access-token-1", "access-token-1"]);
    expect(server.requests).toHaveLength(1);
  });

  test("the flight goes on for later callers after the one that started it has left", async () => {
    const unhandled = unhandledRejections();
    const { source, server, current } = setUp();
    const controller = new AbortController();
    const leaving = source.getToken({ signal: controller.signal });
    await drain();
    controller.abort();
    expect(await stateOf(leaving)).toMatchObject({ reason: { name: "AbortError" } });
    await server.request(1).end(granted("access-token-1"));
    expect(current().value).toBe("access-token-1");
    expect(unhandled).toEqual([]);
  });

  test("a flight that fails after its only waiter left is no unhandled rejection", async () => {
    const unhandled = unhandledRejections();
    const { source, server } = setUp();
    const controller = new AbortController();
    const leaving = source.getToken({ signal: controller.signal });
    await drain();
    controller.abort();
    await stateOf(leaving);
    await server.request(1).end(response(404, ""));
    await drain();
    expect(unhandled).toEqual([]);
  });

  test("a signal that has aborted already sends nothing, with a token at hand or without", async () => {
    const reason = new Error("too late");
    const query = { signal: AbortSignal.abort(reason) };
    const cold = setUp();
    expect(() => cold.source.getToken(query)).toThrow(reason);
    await drain();
    expect(cold.server.requests).toHaveLength(0);
    const holding = await setUpHolding();
    await pass(hour * 0.9);
    expect(() => holding.source.getToken(query)).toThrow(reason);
    await drain();
    expect(holding.server.requests).toHaveLength(1);
  });

  test("a waiter that got its token leaves no listener on its signal", async () => {
    const { ask, server } = setUp();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, "addEventListener");
    const removed = vi.spyOn(signal, "removeEventListener");
    const call = ask({ signal });
    await drain();
    await server.request(1).end(granted("access-token-1"));
    await call;
    await drain();
    expect(added).toHaveBeenCalledTimes(1);
    expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
      added.mock.calls.map(([, listener]) => listener),
    );
  });
});

describe("invalidation", () => {
  test("the next call obtains another token", async () => {
    const { source, ask, server } = await setUpHolding();
    source.invalidate();
    const call = ask();
    await drain();
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
  });

  test("during a flight, the waiters get a token that was requested after it", async () => {
    const { source, ask, server, current } = setUp();
    const before = ask();
    await drain();
    source.invalidate();
    const after = ask();
    await server.request(1).end(granted("access-token-1"));
    expect(await stateOf(before)).toBe("pending");
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect([await tokenValue(before), await tokenValue(after)]).toEqual(["access-token-2", "access-token-2"]);
    expect(current().value).toBe("access-token-2");
    expect(server.requests).toHaveLength(2);
  });

  test("during a background refresh, neither the old token nor the refresh's is handed out", async () => {
    const { source, ask, server, current } = await setUpHolding();
    await pass(hour * 0.9);
    current();
    await drain();
    source.invalidate();
    const call = ask();
    await server.request(2).end(granted("access-token-2"));
    expect(await stateOf(call)).toBe("pending");
    await server.request(3).end(granted("access-token-3"));
    expect(await tokenValue(call)).toBe("access-token-3");
    expect(current().value).toBe("access-token-3");
  });

  test("during a flight that fails, the failure reaches the waiters and the next call asks again", async () => {
    const { source, ask, server } = setUp();
    const call = ask();
    await drain();
    source.invalidate();
    await server.request(1).end(response(404, ""));
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_response_invalid" } });
    const next = ask();
    await drain();
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(next)).toBe("access-token-2");
  });

  test("faster than tokens arrive does not starve those who wait: they get the third, which nobody keeps", async () => {
    const { source, ask, server } = setUp();
    const call = ask();
    for (let request = 1; request <= 3; request++) {
      await drain();
      source.invalidate();
      await server.request(request).end(granted(`access-token-${request}`));
    }
    expect(await tokenValue(call)).toBe("access-token-3");
    server.reply = () => granted("access-token-4");
    expect(await tokenValue(ask())).toBe("access-token-4");
  });

  test("does not outlast timeout.token", async () => {
    const { source, ask, server } = setUp();
    const call = ask();
    await pass(9_000);
    source.invalidate();
    await server.request(1).end(granted("access-token-1"));
    await pass(1_000);
    expect(await stateOf(call)).toMatchObject({ reason: { code: "token_timeout" } });
  });
});

describe("rejected tokens", () => {
  test("a rejected token is renewed", async () => {
    const { ask, server, token, current, eventsOf } = await setUpHolding();
    const call = ask({ rejected: token });
    await drain();
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
    expect(current().value).toBe("access-token-2");
    expect(eventsOf("token_rejected")).toMatchObject([{ renewing: true }]);
  });

  test("100 staggered 401s to one token lead to one refresh", async () => {
    const { source, server, token } = await setUpHolding();
    const renewed: Promise<string>[] = [];
    for (let call = 0; call < 100; call++) {
      renewed.push(tokenValue(source.getToken({ rejected: token })));
      await pass(10);
      if (call === 50) await server.request(2).end(granted("access-token-2"));
    }
    expect(new Set(await Promise.all(renewed))).toEqual(new Set(["access-token-2"]));
    expect(server.requests).toHaveLength(2);
  });

  test("a 401 for a token that was replaced already gets the new one and refreshes nothing", async () => {
    const { source, server, token } = await setUpHolding();
    server.reply = (count) => granted(`access-token-${count}`);
    await source.getToken({ forceRefresh: true });
    await pass(hour / 2);
    expect(await tokenValue(source.getToken({ rejected: token }))).toBe("access-token-2");
    await drain();
    expect(server.requests).toHaveLength(2);
  });

  test("a rejected token joins the refresh that is on its way", async () => {
    const { ask, server, token, current } = await setUpHolding();
    await pass(hour * 0.9);
    current();
    await drain();
    const call = ask({ rejected: token });
    await drain();
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
  });

  test("a token rejected right after its renewal pauses renewals for 5 s, doubling to 60 s", async () => {
    const { source, server, token, eventsOf } = await setUpHolding(86_400);
    server.reply = (count) => granted(`access-token-${count}`, 86_400);
    let held: AccessToken = await source.getToken({ rejected: token });
    for (const [index, pause] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
      expect(await source.getToken({ rejected: held })).toBe(held);
      await pass(pause - 1);
      expect(await source.getToken({ rejected: held })).toBe(held);
      expect(server.requests).toHaveLength(2 + index);
      await pass(1);
      held = await source.getToken({ rejected: held });
      expect(held.value).toBe(`access-token-${3 + index}`);
    }
    expect(eventsOf("token_rejected").filter(({ renewing }) => renewing)).toHaveLength(7);
    expect(eventsOf("token_rejected").filter(({ renewing }) => !renewing)).toHaveLength(12);
  });

  test("a pause of renewals ends as a call with the new token succeeds", async () => {
    const { source, server, token } = await setUpHolding();
    server.reply = (count) => granted(`access-token-${count}`);
    const second = await source.getToken({ rejected: token });
    source.accepted(second);
    const third = await source.getToken({ rejected: second });
    expect(third.value).toBe("access-token-3");
    source.accepted(third);
    await source.getToken({ rejected: third });
    expect(server.requests).toHaveLength(4);
  });

  test("a late success of the token before does not end the pause", async () => {
    const { source, server, token } = await setUpHolding();
    server.reply = (count) => granted(`access-token-${count}`);
    const second = await source.getToken({ rejected: token });
    source.accepted(token);
    expect(await source.getToken({ rejected: second })).toBe(second);
    expect(server.requests).toHaveLength(2);
  });

  test("a paused renewal leaves plain callers their token", async () => {
    const { source, server, token, current } = await setUpHolding();
    server.reply = (count) => granted(`access-token-${count}`);
    const second = await source.getToken({ rejected: token });
    await source.getToken({ rejected: second });
    expect(current()).toBe(second);
  });

  test("a renewal that fails tells its caller, leaves others the token, and is tried again by the next 401", async () => {
    const { ask, server, token, current } = await setUpHolding();
    server.reply = () => response(404, "");
    expect(await stateOf(ask({ rejected: token }))).toMatchObject({
      reason: { code: "token_response_invalid" },
    });
    expect(current()).toBe(token);
    server.reply = (count) => granted(`access-token-${count}`, 3_600);
    expect(await tokenValue(ask({ rejected: token }))).toBe("access-token-3");
  });

  test("a rejected token is not served again where its renewal brought one without a life", async () => {
    const { ask, server, token } = await setUpHolding();
    server.reply = (count) => granted(`access-token-${count}`, 0);
    expect(await tokenValue(ask({ rejected: token }))).toBe("access-token-2");
    expect(await tokenValue(ask())).toBe("access-token-3");
  });

  test("a rejected token with no life is replaced, though it was never held", async () => {
    const { source, server } = setUp();
    server.reply = (count) => granted(`access-token-${count}`, 0);
    const first = await source.getToken();
    expect(await tokenValue(source.getToken({ rejected: first }))).toBe("access-token-2");
  });
});

describe("forced refresh", () => {
  test("obtains a new token though the current one is good, which others keep meanwhile", async () => {
    const { ask, server, token, current } = await setUpHolding();
    const call = ask({ forceRefresh: true });
    await drain();
    expect(current()).toBe(token);
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
    expect(current().value).toBe("access-token-2");
  });

  test("joins a flight that is on its way", async () => {
    const { source, server, current } = await setUpHolding();
    await pass(hour * 0.9);
    current();
    await drain();
    const calls = [source.getToken({ forceRefresh: true }), source.getToken({ forceRefresh: true })];
    await drain();
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await Promise.all(calls.map(tokenValue))).toEqual(["access-token-2", "access-token-2"]);
  });

  test("fails where the endpoint does, and leaves others the current token", async () => {
    const { ask, server, token, current } = await setUpHolding();
    server.reply = () => refused();
    const call = ask({ forceRefresh: true });
    expect(await stateOf(call)).toMatchObject({ reason: { error: "invalid_client" } });
    expect(current()).toBe(token);
  });
});

describe("what is told", () => {
  test("a narrower scope is on the token and in the event", async () => {
    const { source, server, eventsOf } = setUp({ endpoint: { ...endpoint, scope: "idp_api more" } });
    server.reply = () => granted("access-token-1", 60, { scope: "idp_api" });
    expect((await source.getToken()).scope).toBe("idp_api");
    expect(eventsOf("token_received")).toMatchObject([
      { scope: "idp_api", narrowed: true, lifetime: 60_000 },
    ]);
  });

  test("a token that is granted is two events, named by the credential set's key id", async () => {
    const { ask, server, events } = setUp();
    const call = ask();
    await pass(250);
    await server.request(1).end(granted("access-token-1"));
    await call;
    const { keyId } = await sealFor(rightSecret);
    expect(events).toEqual([
      { type: "token_requested", keyId, attempt: 1 },
      {
        type: "token_received",
        keyId,
        attempt: 1,
        duration: 250,
        lifetime: hour,
        scope: "idp_api",
        narrowed: false,
      },
    ]);
  });

  test("no event holds the secret, a token or the client id", async () => {
    const { source, server, token, current, events } = await setUpHolding();
    server.reply = (count) =>
      count === 2 ? granted("access-token-2") : response(400, { error: rightSecret });
    const second = await source.getToken({ rejected: token });
    await source.getToken({ rejected: second });
    await pass(hour * 0.9);
    current();
    await drain();
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set([
        "token_requested",
        "token_received",
        "token_rejected",
        "token_request_failed",
        "token_refresh_failed",
      ]),
    );
    const text = JSON.stringify(events);
    for (const hidden of [
      rightSecret,
      encodeURIComponent(rightSecret),
      endpoint.clientId,
      "access-token-1",
      "access-token-2",
    ]) {
      expect(text).not.toContain(hidden);
    }
  });
});

test("a waitUntil that throws fails no caller where nothing depends on it", async () => {
  const { ask, server } = setUp();
  const waitUntil = () => {
    throw new TypeError("Illegal invocation");
  };
  server.reply = (count) => (count === 1 ? granted("access-token-1", 100) : undefined);
  expect(await tokenValue(ask({ waitUntil }))).toBe("access-token-1");
  await pass(86_000);
  for (let call = 0; call < 20; call++) expect(await tokenValue(ask({ waitUntil }))).toBe("access-token-1");
  expect(server.requests).toHaveLength(2);
});

describe("where I/O is confined to its request (workerd)", () => {
  const confined = { confined: true, clock: wallClock } as const;

  /** The `waitUntil` of one request: what it was given to keep alive. */
  function createWaitUntil() {
    const kept: Promise<unknown>[] = [];
    return { kept, waitUntil: (promise: Promise<unknown>) => void kept.push(promise) };
  }

  test("without waitUntil a flight belongs to its request and is not shared", async () => {
    const { ask, server } = setUp(confined);
    const first = ask();
    const second = ask();
    await drain();
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await stateOf(first)).toBe("pending");
    expect(await tokenValue(second)).toBe("access-token-2");
  });

  test("a token that arrived is shared with every later request", async () => {
    const { server, token, current } = await setUpHolding(3_600, confined);
    expect(current()).toBe(token);
    expect(server.requests).toHaveLength(1);
  });

  test("with its creator's waitUntil a flight is shared, also with requests that have none", async () => {
    const { ask, server } = setUp(confined);
    const { kept, waitUntil } = createWaitUntil();
    const calls = [ask({ waitUntil }), ask(), ask({ waitUntil })];
    await drain();
    expect(server.requests).toHaveLength(1);
    expect(kept).toHaveLength(1);
    expect(await stateOf(kept[0])).toBe("pending");
    await server.request(1).end(granted("access-token-1"));
    expect(await Promise.all(calls.map(tokenValue))).toEqual([
      "access-token-1",
      "access-token-1",
      "access-token-1",
    ]);
    expect(await stateOf(kept[0])).not.toBe("pending");
  });

  test("what waitUntil is given never rejects, though the callers do", async () => {
    const { ask, server } = setUp(confined);
    const { kept, waitUntil } = createWaitUntil();
    const calls = [ask({ waitUntil }), ask()];
    await drain();
    await server.request(1).end(response(404, ""));
    expect(await stateOf(kept[0])).toEqual({ value: undefined });
    for (const call of calls) {
      expect(await stateOf(call)).toMatchObject({ reason: { code: "token_response_invalid" } });
    }
    expect(server.requests).toHaveLength(1);
  });

  test("a flight whose waitUntil throws is not shared, since nothing keeps it alive", async () => {
    const { ask, server } = setUp(confined);
    const throwing = () => {
      throw new TypeError("executionCtx.waitUntil is not a function");
    };
    const first = ask({ waitUntil: throwing });
    const second = ask({ waitUntil: createWaitUntil().waitUntil });
    await drain();
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(second)).toBe("access-token-2");
    await server.request(1).end(granted("access-token-1"));
    expect(await tokenValue(first)).toBe("access-token-1");
  });

  test("a refresh whose waitUntil throws is not started again by each call", async () => {
    const { ask, server } = setUp(confined);
    server.reply = (count) => (count === 1 ? granted("access-token-1", 100) : undefined);
    await ask();
    await pass(86_000);
    for (let call = 0; call < 20; call++) {
      const throwing = () => {
        throw new TypeError("Illegal invocation");
      };
      expect(await tokenValue(ask({ waitUntil: throwing }))).toBe("access-token-1");
    }
    expect(server.requests).toHaveLength(2);
  });

  /** A shared flight whose request was killed: neither its timers nor its connection will ever speak again. */
  async function setUpDeadFlight() {
    const made = setUp(confined);
    const { waitUntil } = createWaitUntil();
    made.ask({ waitUntil });
    await drain();
    vi.clearAllTimers();
    return made;
  }

  test("a waiter whose shared flight never settles fetches itself after its own timeout", async () => {
    const { ask, server, current } = await setUpDeadFlight();
    const call = ask();
    await pass(timeout - 1);
    expect(server.requests).toHaveLength(1);
    expect(await stateOf(call)).toBe("pending");
    await pass(1);
    expect(server.requests).toHaveLength(2);
    await server.request(2).end(granted("access-token-2"));
    expect(await tokenValue(call)).toBe("access-token-2");
    expect(current().value).toBe("access-token-2");
  });

  test("a clock that falls behind meanwhile makes nobody wait for a dead flight again", async () => {
    const { ask, server } = await setUpDeadFlight();
    ask();
    await drain();
    stepWallClock(-1);
    await pass(timeout);
    expect(server.requests).toHaveLength(2);
  });

  test("a flight that was given up is not waited for again", async () => {
    const { ask, server } = await setUpDeadFlight();
    const call = ask();
    await pass(timeout);
    await server.request(2).end(granted("access-token-2", 0));
    expect(await tokenValue(call)).toBe("access-token-2");
    ask();
    await drain();
    expect(server.requests).toHaveLength(3);
  });

  test("those who waited for a dead flight share the next one, where waitUntil keeps it", async () => {
    const { ask, server } = await setUpDeadFlight();
    const { kept, waitUntil } = createWaitUntil();
    const calls = [ask({ waitUntil }), ask({ waitUntil }), ask()];
    await pass(timeout);
    expect(server.requests).toHaveLength(2);
    expect(kept).toHaveLength(1);
    await server.request(2).end(granted("access-token-2"));
    expect(await Promise.all(calls.map(tokenValue))).toEqual([
      "access-token-2",
      "access-token-2",
      "access-token-2",
    ]);
  });

  test("a dead flight is waited for no longer than it could have lived", async () => {
    const { ask, server } = await setUpDeadFlight();
    await pass(timeout);
    ask();
    await drain();
    expect(server.requests).toHaveLength(2);
  });

  test("a refresh in the background that died is started again", async () => {
    const { source, server, token } = await setUpHolding(3_600, confined);
    const { waitUntil } = createWaitUntil();
    await pass(hour * 0.9);
    // Its request was killed: its timers never fire.
    const timers = vi.spyOn(globalThis, "setTimeout").mockReturnValue(0 as never);
    source.getToken({ waitUntil });
    await drain();
    timers.mockRestore();
    await pass(timeout - 1);
    source.getToken({ waitUntil });
    await drain();
    expect(server.requests).toHaveLength(2);
    await pass(1);
    expect(source.getToken({ waitUntil })).toBe(token);
    await drain();
    expect(server.requests).toHaveLength(3);
  });

  test("a waiter's abort rejects it at once, and it fetches nothing itself", async () => {
    const { ask, server } = await setUpDeadFlight();
    const controller = new AbortController();
    const reason = new Error("the user left");
    const call = ask({ signal: controller.signal });
    await pass(1_000);
    controller.abort(reason);
    expect(await stateOf(call)).toEqual({ reason });
    await pass(2 * timeout);
    expect(server.requests).toHaveLength(1);
  });

  test("an unshared flight's abort rejects its caller at once", async () => {
    const { ask } = setUp(confined);
    const controller = new AbortController();
    const call = ask({ signal: controller.signal });
    await drain();
    controller.abort();
    expect(await stateOf(call)).toMatchObject({ reason: { name: "AbortError" } });
  });

  test("without waitUntil there is no refresh in the background", async () => {
    const { server, token, current } = await setUpHolding(3_600, confined);
    await pass(hour * 0.9);
    expect(current()).toBe(token);
    await drain();
    expect(server.requests).toHaveLength(1);
  });

  test("with waitUntil a refresh runs in the background, kept alive and never rejecting", async () => {
    const { source, server, token } = await setUpHolding(3_600, confined);
    const { kept, waitUntil } = createWaitUntil();
    await pass(hour * 0.9);
    expect(source.getToken({ waitUntil })).toBe(token);
    await drain();
    expect(server.requests).toHaveLength(2);
    expect(kept).toHaveLength(1);
    expect(await stateOf(kept[0])).toBe("pending");
    await server.request(2).end(response(404, ""));
    expect(await stateOf(kept[0])).toEqual({ value: undefined });
  });

  test("a late answer to an older request never replaces a newer token", async () => {
    const { ask, server, current } = setUp(confined);
    const older = ask();
    await drain();
    const newer = ask();
    await drain();
    await server.request(2).end(granted("access-token-2", 3_600));
    await server.request(1).end(granted("access-token-1", 7_200));
    expect([await tokenValue(older), await tokenValue(newer)]).toEqual(["access-token-1", "access-token-2"]);
    expect(current().value).toBe("access-token-2");
  });

  test("an answer to a newer request replaces the token of an older one", async () => {
    const { ask, server, current } = setUp(confined);
    ask();
    await drain();
    ask();
    await drain();
    await server.request(1).end(granted("access-token-1"));
    await server.request(2).end(granted("access-token-2"));
    expect(current().value).toBe("access-token-2");
  });

  test("an invalidation counts for every flight that is on its way", async () => {
    const { source, ask, server, current } = setUp(confined);
    const calls = [ask(), ask()];
    await drain();
    source.invalidate();
    await server.request(1).end(granted("access-token-1"));
    await server.request(2).end(granted("access-token-2"));
    expect(server.requests).toHaveLength(4);
    await server.request(3).end(granted("access-token-3"));
    await server.request(4).end(granted("access-token-4"));
    expect(await Promise.all(calls.map(tokenValue))).toEqual(["access-token-3", "access-token-4"]);
    expect(current().value).toBe("access-token-4");
  });

  test("the wall clock alone decides", async () => {
    const { ask, current } = await setUpHolding(3_600, confined);
    stepWallClock(-hour);
    await pass(hour + hour / 2);
    expect(current().value).toBe("access-token-1");
    stepWallClock(hour / 2);
    expect(await stateOf(ask())).toBe("pending");
  });
});
