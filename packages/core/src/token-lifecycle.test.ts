import { getEventListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createTransport } from "#transport";
import {
  type Answer,
  drawNothing,
  emulated,
  failureOf,
  granting,
  inTurn,
  json,
  recordingServer,
  type StoppedClocks,
  scripted,
  stopClocks,
  times,
  tokensOf,
  until,
} from "./client.test.support.ts";
import { collectGarbage } from "./collect-garbage.test.support.ts";
import { TokenRequestError } from "./errors.ts";
import { processClock } from "./token/access-token.ts";
import { clientSecretPost } from "./token/client-auth.ts";
import { createSeal } from "./token/seal.ts";
import type { TokenRequest } from "./token/token-endpoint.ts";
import { createTokenSource } from "./token/token-source.ts";
import { memoryTokenStore } from "./token/token-store.ts";

const path = "/api/v1/whoami";
const hour = 3_600_000;

/** An answer that waits until it is let go. */
function held(answer: Answer): { readonly answer: Answer; letGo(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    letGo: resolve,
    answer: async (...exchange) => {
      await promise;
      return answer(...exchange);
    },
  };
}

const silence: Answer = () => {};
const reset: Answer = (_request, response) => void response.socket?.resetAndDestroy();
const html: Answer = (_request, response) => void response.end("<html>sign in</html>");

/** Lets what was started go on as far as it comes without an answer. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** After each pause of 5 s, doubling to 60 s, one more token request comes, and none sooner. */
async function expectDoublingPauses(
  clocks: StoppedClocks,
  requests: number,
  fail: (requests: number) => Promise<void>,
): Promise<void> {
  await fail(requests);
  for (const [index, pause] of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000].entries()) {
    clocks.advance(pause - 1);
    await fail(requests + index);
    clocks.advance(1);
    await fail(requests + index + 1);
  }
}

describe("the key of a token", () => {
  test("is the same for scopes in another order, or named twice", async () => {
    const { endpoint, client } = await scripted(granting());
    const tokenStore = memoryTokenStore();

    for (const scope of ["a b c", "c b a", "b a  c a", " a b c b "]) {
      expect((await client({ tokenStore, scope }).getAccessToken()).value).toBe("access-token-1");
    }

    expect(endpoint.requests).toHaveLength(1);
    expect(new URLSearchParams(endpoint.requests[0]?.body).getAll("scope")).toEqual(["a b c"]);
  });

  test("holds every value of a parameter that repeats, in the order given", async () => {
    const { endpoint, client } = await scripted(granting());
    const tokenStore = memoryTokenStore();
    const lists = [["urn:a", "urn:b"], ["urn:b", "urn:a"], ["urn:a"], ["urn:a", "urn:b"]];

    const values: string[] = [];
    for (const resource of lists) {
      values.push((await client({ tokenStore, tokenParameters: { resource } }).getAccessToken()).value);
    }

    expect(values).toEqual(["access-token-1", "access-token-2", "access-token-3", "access-token-1"]);
    const sent = endpoint.requests.map(({ body }) => new URLSearchParams(body).getAll("resource"));
    expect(sent).toEqual(lists.slice(0, 3));
  });
});

describe("refresh ahead of expiry", () => {
  test("calls get the current token at once, while one refresh runs behind their backs", async () => {
    const clocks = stopClocks();
    const grant = granting();
    const refresh = held(grant);
    const { endpoint, api, client } = await scripted(inTurn(grant, refresh.answer));
    const personify = client();
    await personify.get(path);
    clocks.advance(0.86 * hour);

    await times(50, () => personify.get(path));
    await until(() => expect(endpoint.requests).toHaveLength(2));
    await times(50, () => personify.get(path));
    refresh.letGo();
    await until(async () => expect((await personify.getAccessToken()).value).toBe("access-token-2"));
    await personify.get(path);

    expect(tokensOf(api.requests)).toEqual([...Array(101).fill("access-token-1"), "access-token-2"]);
    expect(endpoint.requests).toHaveLength(2);
  });

  test("is drawn for each token between 75 and 85 % of its life", async () => {
    const clocks = stopClocks();
    const { events, client } = await scripted(granting(1_000));
    const draw = vi.spyOn(Math, "random");
    const clients = Array.from({ length: 20 }, () => client());
    for (const [index, personify] of clients.entries()) {
      draw.mockReturnValue((index + 0.5) / clients.length);
      await personify.getAccessToken();
    }
    const refreshes = async () => {
      for (const personify of clients) await personify.getAccessToken();
      await turn();
      return events.filter(({ type }) => type === "token_requested").length - clients.length;
    };

    clocks.advance(750_000);
    expect(await refreshes()).toBe(0);
    clocks.advance(50_000);
    expect(await refreshes()).toBe(10);
    clocks.advance(50_000);
    expect(await refreshes()).toBe(20);
  });

  const failures: Record<string, Answer> = {
    "429 with Retry-After": json(429, "", { "retry-after": "600" }),
    "503": json(503, ""),
    "a reset": reset,
    invalid_client: json(401, { error: "invalid_client" }),
    "an HTML page": html,
    silence,
  };

  test.each(Object.entries(failures))(
    "that meets %s is an event, and reaches no call",
    async (_what, fail) => {
      const unhandled = vi.fn();
      process.on("unhandledRejection", unhandled);
      onTestFinished(() => void process.off("unhandledRejection", unhandled));
      drawNothing();
      const clocks = stopClocks();
      const { endpoint, api, events, client } = await scripted(inTurn(granting(), fail));
      const personify = client({ timeout: { token: 1_000 } });
      await personify.get(path);
      clocks.advance(0.9 * hour);

      await times(20, () => personify.get(path));
      await until(() => expect(events.at(-1)).toMatchObject({ type: "token_refresh_failed" }));
      await times(20, () => personify.get(path));
      await turn();

      expect(tokensOf(api.requests)).toEqual(Array(41).fill("access-token-1"));
      expect(endpoint.requests.length).toBeLessThanOrEqual(4);
      expect(events.filter(({ type }) => type === "token_refresh_failed")).toMatchObject([
        { remaining: 0.1 * hour },
      ]);
      expect(unhandled).not.toHaveBeenCalled();
    },
  );

  test("happens on use alone: a client that rests requests nothing, however old its token", async () => {
    const clocks = stopClocks();
    const { endpoint, client } = await scripted(granting());
    const set = vi.spyOn(globalThis, "setTimeout");
    const clear = vi.spyOn(globalThis, "clearTimeout");
    await client({ timeout: { token: 12_321 } }).getAccessToken();
    clocks.advance(10 * hour);

    await sleep(20);

    expect(endpoint.requests).toHaveLength(1);
    const own = set.mock.results.filter((_, index) => set.mock.calls[index]?.[1] === 12_321);
    expect(own).toHaveLength(1);
    for (const { value } of own) expect(clear).toHaveBeenCalledWith(value);
    expect(set.mock.calls.filter(([, ms = 0]) => ms >= 60_000)).toEqual([]);
  });
});

describe("expiry", () => {
  // Seconds of life, and the ms at its end in which no new call gets the token.
  test.each([
    [0.05, 5],
    [1, 100],
    [2, 200],
    [5, 500],
    [20, 2_000],
    [50, 5_000],
    [51, 5_000],
    [3_600, 5_000],
  ])(
    "a token of %d s is used until %d ms before its end, then calls wait for another",
    async (life, margin) => {
      const clocks = stopClocks();
      // The refresh ahead of expiry stays open, and so do the calls that wait for it at the end.
      const second = held(json(200, { access_token: "access-token-2", token_type: "Bearer" }));
      const { api, client } = await scripted(inTurn(granting(life), second.answer));
      const personify = client();
      await personify.get(path);

      clocks.advance(life * 1_000 - margin - 1);
      await times(20, () => personify.get(path));
      clocks.advance(1);
      const late = times(20, () => personify.get(path));
      await turn();
      second.letGo();
      await late;

      expect(tokensOf(api.requests)).toEqual([
        ...Array(21).fill("access-token-1"),
        ...Array(20).fill("access-token-2"),
      ]);
    },
  );

  test.each([0.05, 1, 2, 5])("a token of %d s is not fetched for each call", async (life) => {
    stopClocks();
    const { endpoint, api, client } = await scripted(granting(life));
    const personify = client();

    for (let call = 0; call < 100; call++) await personify.get(path);

    expect(endpoint.requests).toHaveLength(1);
    expect(api.requests).toHaveLength(100);
  });

  test.each(["wall", "monotonic"] as const)("the %s clock alone ends a life", async (clock) => {
    const clocks = stopClocks();
    const { api, client } = await scripted(granting(100));
    const personify = client();
    await personify.get(path);

    if (clock === "wall") clocks.stepWall(95_000);
    else clocks.stepMonotonic(95_000);
    await personify.get(path);

    expect(tokensOf(api.requests)).toEqual(["access-token-1", "access-token-2"]);
  });

  test("a wall clock that steps back does not lengthen a life", async () => {
    const clocks = stopClocks();
    const { api, client } = await scripted(granting(100));
    const personify = client();
    await personify.get(path);

    clocks.stepWall(-10 * hour);
    clocks.stepMonotonic(95_000);
    await personify.get(path);

    expect(tokensOf(api.requests)).toEqual(["access-token-1", "access-token-2"]);
  });

  test("a life begins as the request is sent, on both clocks, and not as the answer comes", async () => {
    for (const clock of ["wall", "monotonic"] as const) {
      const clocks = stopClocks();
      const grant = granting(100);
      const { api, client } = await scripted((...exchange) => {
        if (clock === "wall") clocks.stepWall(60_000);
        else clocks.stepMonotonic(60_000);
        return grant(...exchange);
      });
      const personify = client();
      await personify.get(path);

      if (clock === "wall") clocks.stepWall(35_000);
      else clocks.stepMonotonic(35_000);
      await personify.get(path);

      expect(tokensOf(api.requests)).toEqual(["access-token-1", "access-token-2"]);
      vi.restoreAllMocks();
    }
  });
});

describe("expires_in", () => {
  // As it stands in the answer, and the life that is read from it in seconds.
  test.each([
    ["3600", 3_600],
    ['"3600"', 3_600],
    ['" 90.5 "', 90.5],
    ["90.5", 90.5],
    ["86400", 86_400],
    ["86401", 86_400],
    ["1e300", 86_400],
    ["1e400", 300],
    ['"1e5"', 300],
    ['"soon"', 300],
    ["null", 300],
    ["true", 300],
    ["[60]", 300],
    ["{}", 300],
  ])("%s is a life of %d s", async (member, life) => {
    stopClocks();
    const answer = `{"access_token":"access-token-1","token_type":"Bearer","expires_in":${member}}`;
    const { client } = await scripted(json(200, answer));

    const { expiresAt } = await client().getAccessToken();

    expect(expiresAt - Date.now()).toBe(life * 1_000);
  });

  test("that is absent leaves a life of 300 s", async () => {
    stopClocks();
    const { client } = await scripted(json(200, { access_token: "access-token-1", token_type: "Bearer" }));

    expect((await client().getAccessToken()).expiresAt - Date.now()).toBe(300_000);
  });

  test.each([0, -1, "0", "-60"])(
    "of %j makes a token for the calls that wait for it, and no other",
    async (life) => {
      const { endpoint, api, client } = await scripted(granting(life));
      const personify = client();

      await times(20, () => personify.get(path));
      expect(tokensOf(api.requests)).toEqual(Array(20).fill("access-token-1"));
      await personify.get(path);

      expect(tokensOf(api.requests).at(-1)).toBe("access-token-2");
      expect(endpoint.requests).toHaveLength(2);
    },
  );
});

describe("a token", () => {
  const values = {
    opaque: "opaque",
    "like a JWT that is none": "a.b.c",
    "of every character there may be": "09azAZ-._~+/==",
    "of 8,000 characters": "x".repeat(8_000),
  };

  test.each(Object.entries(values))(
    "that is %s is sent as it came, and never decoded",
    async (_what, value) => {
      const { api, client } = await scripted(json(200, { access_token: value, token_type: "Bearer" }));

      await client().get(path);

      expect(api.requests[0]?.header("authorization")).toEqual([`Bearer ${value}`]);
    },
  );

  const unfit = {
    "with a header behind it": "a\r\nx-tenant-id: b",
    "with a space": "a b",
    "with a line break": "a\n",
    "beyond ASCII": "ü",
    "with a comma": "a,b",
    empty: "",
    "that is a number": 7,
    "that is null": null,
    "that is absent": undefined,
    "that is a list": ["a"],
  };

  test.each(Object.entries(unfit))(
    "that does not fit in a header is an error, and no call is sent: one %s",
    async (_what, value) => {
      const { api, client } = await scripted(json(200, { access_token: value, token_type: "Bearer" }));

      const failure = await failureOf(client().get(path));

      expect(failure).toBeInstanceOf(TokenRequestError);
      expect(failure).toMatchObject({ code: "token_response_invalid", status: 502 });
      expect(api.requests).toEqual([]);
    },
  );

  test.each(["bearer", "BEARER", "bEaReR", undefined, null])("of type %j is a bearer token", async (type) => {
    const { api, client } = await scripted(json(200, { access_token: "access-token-1", token_type: type }));

    await client().get(path);

    expect(api.requests[0]?.header("authorization")).toEqual(["Bearer access-token-1"]);
  });

  test.each(["mac", "DPoP", "", "Bearer ", 1])(
    "of type %j is an error, and no call is sent",
    async (type) => {
      const { api, client } = await scripted(json(200, { access_token: "access-token-1", token_type: type }));

      expect(await failureOf(client().get(path))).toMatchObject({ code: "token_response_invalid" });
      expect(api.requests).toEqual([]);
    },
  );

  test("with fewer scopes than were asked for says so, itself and in an event", async () => {
    const { events, client } = await scripted(
      json(200, { access_token: "access-token-1", token_type: "Bearer", scope: "read" }),
    );

    const token = await client({ scope: "read write" }).getAccessToken();

    expect(token.scope).toBe("read");
    expect(events.at(-1)).toMatchObject({ type: "token_received", scope: "read", narrowed: true });
  });

  test("that comes with a refresh_token is renewed by client credentials all the same", async () => {
    const { endpoint, client } = await scripted(
      json(200, { access_token: "access-token-1", token_type: "Bearer", refresh_token: "never-used" }),
    );
    const personify = client();

    await personify.getAccessToken();
    await personify.getAccessToken({ forceRefresh: true });

    expect(endpoint.requests).toHaveLength(2);
    expect(endpoint.requests[1]?.body).toContain("grant_type=client_credentials");
    expect(endpoint.requests[1]?.body).toBe(endpoint.requests[0]?.body);
  });
});

describe("an answer of the token endpoint", () => {
  const refusals: Record<string, [number, string, string]> = {
    "200 as JSON": [200, "application/json", "invalid_client"],
    "200 as HTML": [200, "text/html", "invalid_client"],
    "400 as text": [400, "text/plain", "invalid_scope"],
    "401 without a type": [401, "", "unauthorized_client"],
    "302 as JSON": [302, "application/json", "invalid_request"],
    "418 as JSON": [418, "application/json", "one_of_its_own"],
  };

  test.each(Object.entries(refusals))("is judged by its JSON error first: %s", async (_what, refusal) => {
    const [status, type, error] = refusal;
    const { endpoint, api, client } = await scripted((_request, response) => {
      if (type !== "") response.setHeader("content-type", type);
      response
        .writeHead(status)
        .end(JSON.stringify({ error, access_token: "access-token-1", token_type: "Bearer" }));
    });

    const failure = await failureOf(client().get(path));

    expect(failure).toMatchObject({ code: "token_request_refused", error, retryable: false, status: 502 });
    expect(endpoint.requests).toHaveLength(1);
    expect(api.requests).toEqual([]);
  });

  const passing: Record<string, Answer> = {
    "429 with an OAuth error": json(429, { error: "invalid_client" }),
    "500 with a page": json(500, "<html>", { "content-type": "text/html" }),
    "503 with a grant": json(503, { access_token: "access-token-1", token_type: "Bearer" }),
    "server_error in a 400": json(400, { error: "server_error" }),
    "temporarily_unavailable in a 200": json(200, { error: "temporarily_unavailable" }),
    "a reset": reset,
  };

  test.each(Object.entries(passing))(
    "is tried twice more, and no oftener, where it is %s",
    async (_what, fail) => {
      drawNothing();
      const { endpoint, api, client } = await scripted(fail);

      const failure = await failureOf(client().get(path));

      expect(failure).toMatchObject({ retryable: true });
      expect(endpoint.requests).toHaveLength(3);
      expect(api.requests).toEqual([]);
    },
  );

  test("that fails twice and then is a token is all that the callers see", async () => {
    drawNothing();
    const { endpoint, client } = await scripted(inTurn(json(500, ""), reset, granting()));
    const personify = client();

    await times(20, () => personify.get(path));

    expect(endpoint.requests).toHaveLength(3);
  });

  test.each([301, 302, 303, 307, 308])(
    "that redirects with %i is an error: nothing goes elsewhere",
    async (status) => {
      const elsewhere = await recordingServer(granting());
      const { endpoint, api, client } = await scripted(
        (_request, response) =>
          void response.writeHead(status, { location: `${elsewhere.url}/connect/token` }).end(),
      );

      for (const changes of [{}, { fetch: globalThis.fetch }]) {
        const failure = await failureOf(client(changes).get(path));
        expect(failure).toMatchObject({ code: "token_response_invalid", retryable: false });
      }
      expect(endpoint.requests).toHaveLength(2);
      expect([...elsewhere.requests, ...api.requests]).toEqual([]);
    },
  );

  test("that failed is forgotten: the next call asks again, and has a token", async () => {
    const { endpoint, client } = await scripted(inTurn(html, granting()));
    const personify = client();

    const failures = await times(20, () => failureOf(personify.get(path)));
    await personify.get(path);

    expect(failures.every((error) => error instanceof TokenRequestError)).toBe(true);
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe("a refusal", () => {
  test.each(["invalid_client", "invalid_request", "invalid_scope", "unauthorized_client", "one_of_its_own"])(
    "as %s is remembered for 5 s, doubling to 60 s: calls fail at once, and one request asks anew",
    async (error) => {
      const clocks = stopClocks();
      const { endpoint, client } = await scripted(json(400, { error }));
      const personify = client();
      const fail = async (requests: number) => {
        await times(10, async () => expect(await failureOf(personify.get(path))).toMatchObject({ error }));
        expect(endpoint.requests).toHaveLength(requests);
      };

      await expectDoublingPauses(clocks, 1, fail);
    },
  );

  test("is an error of its own for each later call: what one writes on it the next does not read", async () => {
    const { client } = await scripted(json(400, { error: "invalid_scope", error_description: "as it was" }));
    const personify = client();
    const [, second, third] = [
      await failureOf(personify.get(path)),
      await failureOf(personify.get(path)),
      await failureOf(personify.get(path)),
    ];

    expect(third).toEqual(second);
    expect(third).not.toBe(second);
    expect(third).toMatchObject({ error: "invalid_scope", errorDescription: "as it was" });
  });

  test("of a secret is no refusal of the one that takes its place, which is tried at once", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    let secret = "wrong-secret";
    const personify = client({ clientSecret: () => secret });
    expect(await failureOf(personify.get(path))).toMatchObject({ error: "invalid_client" });

    secret = emulator.credentials.clientSecret;
    await personify.get(path);

    expect(tokenRequests()).toBe(2);
  });
});

describe("a delay before the next token request", () => {
  test("is drawn up to 200 ms, then up to 400 ms", async () => {
    vi.spyOn(Math, "random").mockReturnValue(0.05);
    onTestFinished(() => void vi.restoreAllMocks());
    const { events, client } = await scripted(json(500, ""));

    await failureOf(client().get(path));

    expect(events.filter(({ type }) => type === "token_request_failed")).toMatchObject([
      { retryIn: 10 },
      { retryIn: 20 },
      { retryIn: undefined },
    ]);
  });

  test("is what Retry-After asks for, where that is in the past: none", async () => {
    stopClocks();
    const past = new Date(Date.now() - hour).toUTCString();
    const { events, client } = await scripted(
      inTurn(json(429, "", { "retry-after": past }), json(503, "", { "retry-after": "0" }), granting()),
    );

    await client().get(path);

    expect(events.filter(({ type }) => type === "token_request_failed")).toMatchObject([
      { retryIn: 0 },
      { retryIn: 0 },
    ]);
  });

  const delays = {
    "20": 20,
    "3600": 30,
    "an HTTP-date 20 s ahead": 20,
    "an HTTP-date a day ahead": 30,
  };

  test.each(Object.entries(delays))(
    "that is past the deadline fails the call now: Retry-After of %s",
    async (header, seconds) => {
      stopClocks();
      const ahead = header.includes("day") ? 24 * hour : 20_000;
      const retryAfter = header.startsWith("an") ? new Date(Date.now() + ahead).toUTCString() : header;
      const { endpoint, client } = await scripted(json(429, "", { "retry-after": retryAfter }));

      const failure = await failureOf(client().get(path));

      expect(failure).toMatchObject({
        code: "token_endpoint_unavailable",
        status: 503,
        headers: { "retry-after": String(seconds) },
      });
      expect(endpoint.requests).toHaveLength(1);
    },
  );

  test("that the endpoint named holds for later calls too: they fail at once, until it has passed", async () => {
    const clocks = stopClocks();
    const { endpoint, api, client } = await scripted(
      inTurn(json(429, { error: "slow_down" }, { "retry-after": "30" }), granting()),
    );
    const personify = client();

    await failureOf(personify.get(path));
    clocks.advance(12_500);
    for (let call = 0; call < 100; call++) {
      expect(await failureOf(personify.get(path))).toMatchObject({
        code: "token_endpoint_unavailable",
        error: "slow_down",
        retryable: true,
        status: 503,
        headers: { "retry-after": "18" },
      });
    }
    expect(endpoint.requests).toHaveLength(1);
    expect(api.requests).toEqual([]);

    clocks.advance(17_500);
    await personify.get(path);
    expect(endpoint.requests).toHaveLength(2);
  });

  test("that the endpoint named is waited for by a later call that has the time", async () => {
    const clocks = stopClocks();
    const { endpoint, client } = await scripted(inTurn(json(503, "", { "retry-after": "30" }), granting()));
    const personify = client();
    await failureOf(personify.get(path));
    clocks.advance(29_900);

    const call = personify.get(path);
    await turn();
    expect(endpoint.requests).toHaveLength(1);
    await call;

    expect(endpoint.requests).toHaveLength(2);
  });

  test("that the endpoint named keeps no caller from the token that is held", async () => {
    const clocks = stopClocks();
    const { endpoint, api, client } = await scripted(
      inTurn(granting(), json(429, "", { "retry-after": "30" })),
    );
    const personify = client();
    await personify.get(path);
    clocks.advance(0.9 * hour);

    for (let call = 0; call < 100; call++) await personify.get(path);

    expect(tokensOf(api.requests)).toEqual(Array(101).fill("access-token-1"));
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe("timeout.token", () => {
  test("ends an attempt that stalls, which is not repeated", async () => {
    const { endpoint, client } = await scripted(silence);

    const failure = await failureOf(client({ timeout: { token: 300 } }).get(path));

    expect(failure).toMatchObject({ name: "TimeoutError", code: "token_timeout", status: 504 });
    await sleep(20);
    expect(endpoint.requests).toHaveLength(1);
  });

  test("covers an acquisition with its retries", async () => {
    const { endpoint, client } = await scripted(
      inTurn(json(503, "", { "retry-after": "0" }), json(503, "", { "retry-after": "0" }), silence),
    );

    const failure = await failureOf(client({ timeout: { token: 1_000 } }).get(path));

    expect(failure).toMatchObject({ code: "token_timeout" });
    expect(endpoint.requests).toHaveLength(3);
  });

  test("is the shared request's own: a call that gives up earlier leaves it to the others", async () => {
    const grant = held(granting());
    const { endpoint, client } = await scripted(grant.answer);
    const personify = client();
    const abort = new AbortController();

    const aborted = failureOf(personify.get(path, { signal: abort.signal }));
    const impatient = failureOf(personify.get(path, { timeout: 20 }));
    await until(() => expect(endpoint.requests).toHaveLength(1));
    const patient = personify.get(path);
    abort.abort(new Error("the user left"));

    expect((await aborted).message).toBe("the user left");
    expect(await impatient).toMatchObject({ code: "request_timeout" });
    grant.letGo();
    await patient;
    expect(endpoint.requests).toHaveLength(1);
  });
});

describe("a token request under way", () => {
  test("that is invalidated is repeated, and its token reaches no call", async () => {
    const grant = granting();
    const first = held(grant);
    const { endpoint, api, client } = await scripted(inTurn(first.answer, grant));
    const personify = client();
    const calls = times(20, () => personify.get(path));
    await until(() => expect(endpoint.requests).toHaveLength(1));

    personify.invalidateAccessToken();
    first.letGo();
    await calls;
    await personify.get(path);

    expect(tokensOf(api.requests)).toEqual(Array(21).fill("access-token-2"));
    expect(endpoint.requests).toHaveLength(2);
  });

  test("whose answer comes late never takes the place of a newer token", async () => {
    const grant = granting();
    const late = held(json(200, { access_token: "older-access-token", token_type: "Bearer" }));
    const endpoint = await recordingServer(inTurn(late.answer, grant));
    const transport = createTransport();
    // Where I/O is confined to a request, as on workerd, two of them can be under way at once.
    const source = createTokenSource({
      endpoint: {
        tokenUrl: new URL(endpoint.url),
        clientId: "the-client",
        clientAuth: clientSecretPost(),
        scope: undefined,
        parameters: [],
      },
      clientSecret: "the-secret",
      send: (request: TokenRequest) => transport(request),
      createSeal: (secret) => createSeal(secret, "a credential set"),
      store: undefined,
      timeout: 10_000,
      clock: processClock,
      emit: () => {},
      confined: true,
    });

    const older = source.getToken();
    await until(() => expect(endpoint.requests).toHaveLength(1));
    expect((await source.getToken()).value).toBe("access-token-1");
    late.letGo();

    expect((await older).value).toBe("older-access-token");
    expect((await source.getToken()).value).toBe("access-token-1");
    expect(endpoint.requests).toHaveLength(2);
  });
});

describe("a token that the API rejects right after its renewal", () => {
  test("stops renewals on 401 for 5 s, doubling to 60 s, until a call succeeds", async () => {
    const clocks = stopClocks();
    let status = 401;
    const { endpoint, client } = await scripted(
      granting(86_400),
      (_request, response) => void response.writeHead(status).end("{}"),
    );
    const personify = client();
    const fail = async (requests: number) => {
      for (let call = 0; call < 5; call++) {
        expect(await failureOf(personify.get(path))).toMatchObject({ response: { status: 401 } });
      }
      expect(endpoint.requests).toHaveLength(requests);
    };

    await expectDoublingPauses(clocks, 2, fail);
    status = 200;
    await personify.get(path);
    status = 401;
    await fail(9);
  });
});

describe("what is kept", () => {
  /** How many of them only a memory that grows would still hold on to. */
  async function alive(references: readonly WeakRef<object>[]): Promise<number> {
    for (let round = 0; round < 3; round++) {
      await turn();
      collectGarbage();
    }
    return references.filter((reference) => reference.deref() !== undefined).length;
  }

  test("of 200 tokens is the last one, and of 200 clients made by with() none", async () => {
    const { client } = await scripted(granting());
    const personify = client();

    const references: WeakRef<object>[] = [];
    for (let index = 0; index < 200; index++) {
      const bound = personify.with({ tenantId: `tenant-${index}` });
      references.push(new WeakRef(bound), new WeakRef(await bound.getAccessToken({ forceRefresh: true })));
    }

    expect(await alive(references)).toBeLessThanOrEqual(2);
    expect((await personify.getAccessToken()).value).toBe("access-token-200");
  });

  test("of 200 refusals and throttled answers is the last one", async () => {
    const clocks = stopClocks();
    const fail = [json(400, { error: "invalid_scope" }), json(429, "", { "retry-after": "30" })] as const;
    let count = 0;
    const { client } = await scripted((...exchange) => fail[count++ % 2]?.(...exchange));
    const personify = client();

    const references: WeakRef<object>[] = [];
    for (let index = 0; index < 200; index++) {
      references.push(new WeakRef(await failureOf(personify.get(path))));
      clocks.advance(60_000);
    }

    expect(count).toBe(200);
    expect(await alive(references)).toBeLessThanOrEqual(3);
  });

  test("of a signal that outlives its calls is no listener", async () => {
    drawNothing();
    const { client } = await scripted(
      inTurn(html, granting()),
      inTurn(json(503, ""), json(401, ""), json(200, {})),
    );
    const { signal } = new AbortController();
    const personify = client();

    await failureOf(personify.getAccessToken({ signal }));
    await times(50, () => personify.getAccessToken({ signal }));
    await times(50, () => personify.get(path, { signal }));
    const any = vi.spyOn(AbortSignal, "any");
    await times(50, () => personify.with({ signal }).get(path, { signal: new AbortController().signal }));

    // Node 22 keeps a part of each signal that AbortSignal.any made for as long as its sources live.
    expect(any).not.toHaveBeenCalled();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("in a memory store is as many credential sets as it may have, the last used", async () => {
    const { endpoint, client } = await scripted(granting());
    const tokenStore = memoryTokenStore({ maxEntries: 10 });
    const use = (index: number) => client({ tokenStore, clientSecret: `secret-${index}` }).getAccessToken();

    for (let index = 0; index < 30; index++) await use(index);
    for (let index = 20; index < 30; index++) await use(index);
    expect(endpoint.requests).toHaveLength(30);
    await use(0);

    expect(endpoint.requests).toHaveLength(31);
  });
});
