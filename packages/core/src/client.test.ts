import { setTimeout as sleep } from "node:timers/promises";
import { Agent, getGlobalDispatcher, MockAgent, setGlobalDispatcher } from "undici";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { emulated, failureOf, optionsFor, recordingServer, rejecting, times } from "./client.test.support.ts";
import { createPersonifyClient } from "./client.ts";
import { collectGarbage } from "./collect-garbage.test.support.ts";
import { ApiError, ConfigurationError, isPersonifyError, NetworkError, TokenRequestError } from "./errors.ts";
import type { PersonifyEvent } from "./events.ts";
import type { RequestBody } from "./http/request-body.ts";
import { startTestServer } from "./http/test-server.test.support.ts";
import type { PersonifyClientOptions } from "./options.ts";
import { clientSecretBasic } from "./token/client-auth.ts";
import { memoryTokenStore } from "./token/token-store.ts";

const whoami = "/api/v1/whoami";
const otherTenant = "tenant-of-the-call";
/** Retries that a test need not wait for. */
const quick = { baseDelay: 1, maxDelay: 1 };

interface Whoami {
  readonly tenantId: string;
  readonly clientId: string;
  readonly headers: Record<string, string>;
}

describe("tokens", () => {
  test("200 concurrent cold calls make one token request", async () => {
    const { emulator, client, tokenRequests, apiRequests } = await emulated();
    emulator.faults.add({ on: "token", kind: "latency", ms: 20 });
    const personify = client();

    await times(200, () => personify.get(whoami));

    expect(tokenRequests()).toBe(1);
    expect(apiRequests()).toBe(200);
  });

  test("creating a client sends nothing", async () => {
    const { emulator, client } = await emulated();

    client().with({ tenantId: "a" });
    await sleep(5);

    expect(emulator.requests()).toEqual([]);
  });

  test("getAccessToken returns the token that calls are sent with, and calls share it", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const personify = client();

    const token = await personify.getAccessToken();
    await personify.get(whoami);

    expect(token).toMatchObject({ type: "Bearer", scope: "idp_api" });
    expect(token.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    const [issued] = emulator.requests({ kind: "token" });
    expect(emulator.requests({ kind: "api" })[0]?.tokenId).toBe(issued?.tokenId);
    const answer = await fetch(emulator.apiBaseUrl + whoami, {
      headers: { authorization: `Bearer ${token.value}`, "x-tenant-id": emulator.credentials.tenantId },
    });
    expect(answer.status).toBe(200);
    expect(tokenRequests()).toBe(1);
  });

  test("forceRefresh obtains a new token while the current one is good, for later calls too", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const personify = client();

    const first = await personify.getAccessToken();
    const second = await personify.getAccessToken({ forceRefresh: true });
    await personify.get(whoami);

    expect(second.value).not.toBe(first.value);
    expect((await personify.getAccessToken()).value).toBe(second.value);
    expect(tokenRequests()).toBe(2);
    expect(emulator.requests({ kind: "api" })[0]?.tokenId).toBe(
      emulator.requests({ kind: "token" })[1]?.tokenId,
    );
  });

  test("invalidateAccessToken makes the next call obtain another", async () => {
    const { client, tokenRequests } = await emulated();
    const personify = client();

    const first = await personify.getAccessToken();
    personify.invalidateAccessToken();
    expect(tokenRequests()).toBe(1);
    await personify.get(whoami);

    expect((await personify.getAccessToken()).value).not.toBe(first.value);
    expect(tokenRequests()).toBe(2);
  });

  test("getAccessToken rejects with the signal's reason, and refuses unknown options", async () => {
    const { emulator, client } = await emulated();
    const reason = new Error("the user left");
    const personify = client();

    expect(await failureOf(personify.getAccessToken({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    const misspelt = { forceRefrsh: true } as object;
    await expect(personify.getAccessToken(misspelt)).rejects.toThrow(/forceRefrsh does not exist/);
    for (const wrong of [null, 7, { signal: {} }] as never[]) {
      expect(await failureOf(personify.getAccessToken(wrong))).toMatchObject({ code: "invalid_option" });
    }
    expect(emulator.requests()).toEqual([]);
  });

  test("a token in its last 5 seconds is not sent: the calls wait for another", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const personify = client();
    await personify.get(whoami);
    const realNow = Date.now;
    // The emulator's clock is this one too.
    vi.spyOn(Date, "now").mockImplementation(() => realNow() + 3_595_000);
    onTestFinished(() => void vi.restoreAllMocks());

    await times(20, () => personify.get(whoami));

    expect(tokenRequests()).toBe(2);
    const [first, second] = emulator.requests({ kind: "token" }).map(({ tokenId }) => tokenId);
    expect(emulator.requests({ kind: "api" }).map(({ tokenId }) => tokenId)).toEqual([
      first,
      ...Array(20).fill(second),
    ]);
  });

  test("a refused secret fails 50 calls with one token request", async () => {
    const { client, tokenRequests, apiRequests } = await emulated();
    const personify = client({ clientSecret: "wrong-secret" });

    const first = await failureOf(personify.get(whoami));
    const others = await times(49, () => failureOf(personify.get(whoami)));

    expect(first).toBeInstanceOf(TokenRequestError);
    for (const error of [first, ...others]) {
      expect(error).toMatchObject({ code: "token_request_refused", error: "invalid_client" });
    }
    expect(tokenRequests()).toBe(1);
    expect(apiRequests()).toBe(0);
  });

  test("a rotated secret from a function is picked up by the call that finds the old one refused", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const { clientId, clientSecret } = emulator.credentials;
    let secret = clientSecret;
    const read = vi.fn(() => secret);
    const personify = client({ clientSecret: read });
    await personify.get(whoami);
    emulator.clients.update(clientId, { clientSecret: "rotated-secret" });
    secret = "rotated-secret";
    personify.invalidateAccessToken();

    await personify.get(whoami);

    expect(read).toHaveBeenCalledTimes(2);
    expect(tokenRequests()).toBe(3);
  });

  test("clients with different credentials never share a token, even through one store", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const tokenStore = memoryTokenStore();
    emulator.clients.add({ clientId: "second", clientSecret: "second-secret" });
    const first = client({ tokenStore });
    const second = client({ tokenStore, clientId: "second", clientSecret: "second-secret" });
    const impostor = client({ tokenStore, clientSecret: "guessed-secret" });

    const [one, two] = await Promise.all([first.get<Whoami>(whoami), second.get<Whoami>(whoami)]);
    const failure = await failureOf(impostor.get(whoami));

    expect(one.clientId).toBe(emulator.credentials.clientId);
    expect(two.clientId).toBe("second");
    expect((await first.getAccessToken()).value).not.toBe((await second.getAccessToken()).value);
    expect(failure).toMatchObject({ error: "invalid_client" });
    expect(tokenRequests()).toBe(3);
  });

  test("clients that differ in one thing that shapes the token share none through one store", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const { clientId, clientSecret } = emulator.credentials;
    emulator.clients.add({ clientId: "second", clientSecret });
    emulator.clients.update(clientId, { clientSecrets: [clientSecret, "rotated-secret"] });
    const differences: Partial<PersonifyClientOptions>[] = [
      {},
      { clientId: "second" },
      { clientSecret: "rotated-secret" },
      { scope: "" },
      { tokenParameters: { resource: emulator.apiBaseUrl } },
      { clientAuth: clientSecretBasic() },
      { tokenUrl: `${emulator.tokenUrl}?other` },
    ];
    const tokenStore = memoryTokenStore();

    const values = new Set<string>();
    for (const difference of differences) {
      values.add((await client({ tokenStore, ...difference }).getAccessToken()).value);
    }

    expect(values.size).toBe(differences.length);
    expect(tokenRequests()).toBe(differences.length);
  });

  test("clients with the same credentials share a token through one store", async () => {
    const { client, tokenRequests } = await emulated();
    const tokenStore = memoryTokenStore();

    const first = await client({ tokenStore }).getAccessToken();
    const second = await client({ tokenStore }).getAccessToken();

    expect(second.value).toBe(first.value);
    expect(tokenRequests()).toBe(1);
  });

  test("2-second tokens turn over under load without a failed call", async () => {
    const { emulator } = await emulated();
    const personify = createPersonifyClient(optionsFor(emulator, emulator.otherCredentials.shortLived));
    const endsAt = performance.now() + 3_500;
    let calls = 0;

    await times(10, async () => {
      for (; performance.now() < endsAt; calls++) {
        await personify.get(whoami);
        await sleep(2);
      }
    });

    expect(emulator.requests({ kind: "api", status: 200 })).toHaveLength(calls);
    // At 0 s and then each 1.5 to 1.7 s; once more where the machine was too busy to keep to that.
    const tokenRequests = emulator.requests({ kind: "token" }).length;
    expect(tokenRequests).toBeGreaterThanOrEqual(2);
    expect(tokenRequests).toBeLessThanOrEqual(4);
  });
});

describe("headers of a call", () => {
  test("carry exactly one Authorization and one X-Tenant-Id, on every way to call", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url, tenantId: "tenant-1" });
    const token = (await personify.getAccessToken()).value;

    await personify.get("/a");
    await personify.delete("/a");
    await personify.post("/a", { a: 1 });
    await personify.put("/a", { a: 1 });
    await personify.patch("/a", { a: 1 });
    await personify.request("HEAD", "/a");
    await personify.fetch("/a");
    await personify.fetch(new Request(`${api.url}/a`, { method: "POST", body: "x" }));
    await personify.with({ headers: { "x-extra": "1" } }).get("/a", { headers: { "x-more": "2" } });

    expect(api.requests.map(({ method }) => method)).toEqual([
      "GET",
      "DELETE",
      "POST",
      "PUT",
      "PATCH",
      "HEAD",
      "GET",
      "POST",
      "GET",
    ]);
    for (const request of api.requests) {
      expect(request.header("authorization")).toEqual([`Bearer ${token}`]);
      expect(request.header("x-tenant-id")).toEqual(["tenant-1"]);
    }
    expect(api.requests.at(-1)?.header("x-extra")).toEqual(["1"]);
    expect(api.requests.at(-1)?.header("x-more")).toEqual(["2"]);
  });

  test("carry exactly one of each on the replay after a 401 too", async () => {
    const { client } = await emulated();
    const api = await recordingServer(rejecting(1));
    const personify = client({ apiBaseUrl: api.url, tenantId: "tenant-1" });

    await personify.get("/a");

    expect(api.requests).toHaveLength(2);
    const tokens = api.requests.flatMap((request) => request.header("authorization"));
    expect(new Set(tokens).size).toBe(2);
    expect(tokens).toHaveLength(2);
    expect(api.requests.flatMap((request) => request.header("x-tenant-id"))).toEqual([
      "tenant-1",
      "tenant-1",
    ]);
  });

  test("carry no X-Tenant-Id with tenantId false, of the client, with() or the call", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url, tenantId: "tenant-1" });

    await client({ apiBaseUrl: api.url, tenantId: false }).get("/a");
    await personify.with({ tenantId: false }).get("/a");
    await personify.with({ tenantId: false }).fetch("/a");
    await personify.get("/a", { tenantId: false });

    expect(api.requests.map((request) => request.header("x-tenant-id"))).toEqual([[], [], [], []]);
    expect(api.requests.every((request) => request.header("authorization").length === 1)).toBe(true);
  });

  test("ask for JSON unless the caller asks for something else", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url });

    await personify.get("/a");
    await personify.get("/a", { headers: { Accept: "application/problem+json" } });
    await personify.get("/a", { headers: new Headers({ accept: "text/json" }) });

    expect(api.requests.flatMap((request) => request.header("accept"))).toEqual([
      "application/json",
      "application/problem+json",
      "text/json",
    ]);
  });

  test("name the content type of a body unless the caller does", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url });

    await personify.post("/a", { a: 1 });
    await personify.post("/a", "{}", { headers: { "Content-Type": "application/merge-patch+json" } });
    await personify.post("/a", new URLSearchParams({ a: "1" }));
    await personify.post("/a");

    expect(api.requests.map((request) => request.header("content-type"))).toEqual([
      ["application/json"],
      ["application/merge-patch+json"],
      ["application/x-www-form-urlencoded;charset=UTF-8"],
      [],
    ]);
    expect(api.requests.map(({ body }) => body)).toEqual(['{"a":1}', "{}", "a=1", ""]);
  });

  test.each(["Authorization", "authorization", "X-Tenant-Id", "x-TENANT-id", "Host", "Connection"])(
    "%s of the caller is refused in every place, and nothing is sent",
    async (name) => {
      const { emulator, client } = await emulated();
      const personify = client();
      const headers = { [name]: "mine-and-secret" };
      const url = emulator.apiBaseUrl + whoami;

      const failures = await Promise.all([
        failureOf(personify.get(whoami, { headers })),
        failureOf(personify.get(whoami, { headers: new Headers(headers) })),
        failureOf(personify.request("POST", whoami, { headers, body: {} })),
        failureOf(personify.fetch(whoami, { headers })),
        failureOf(personify.fetch(whoami, { headers: [[name, "mine-and-secret"]] })),
        failureOf((async () => personify.with({ headers }))()),
        failureOf((async () => personify.with({ headers: new Headers(headers) }))()),
        failureOf(personify.with(() => ({ headers })).get(whoami)),
        failureOf(personify.fetch(new Request(url, { headers }))),
      ]);

      for (const failure of failures) {
        expect(failure).toBeInstanceOf(ConfigurationError);
        expect(failure).toMatchObject({ code: "header_refused", status: 500 });
        expect(failure.message).toContain(name.toLowerCase());
        expect(failure.message).not.toContain("mine-and-secret");
      }
      expect(emulator.requests()).toEqual([]);
    },
  );

  test("a header value with a line break is refused, and nothing is sent", async () => {
    const { emulator, client } = await emulated();

    const failure = await failureOf(client().get(whoami, { headers: { "x-a": "1\r\nx-tenant-id: 2" } }));

    expect(failure).toMatchObject({ code: "header_refused" });
    expect(failure.message).toContain("x-a");
    expect(emulator.requests()).toEqual([]);
  });
});

describe("the tenant", () => {
  test("is the call's before with()'s before the client's", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url, tenantId: "of-client" });
    const bound = personify.with({ tenantId: "of-with" });

    await personify.get("/a");
    await bound.get("/a");
    await bound.with({ headers: { "x-a": "1" } }).get("/a");
    await bound.with({ tenantId: "of-inner-with" }).get("/a");
    await bound.get("/a", { tenantId: "of-call" });
    await bound.get("/a");
    await bound.fetch("/a");

    expect(api.requests.flatMap((request) => request.header("x-tenant-id"))).toEqual([
      "of-client",
      "of-with",
      "of-with",
      "of-inner-with",
      "of-call",
      "of-with",
      "of-with",
    ]);
  });

  test("that nobody named is a ConfigurationError, and nothing is sent, not even for a token", async () => {
    const { emulator, client } = await emulated();
    const personify = client({ tenantId: undefined });
    const paginate = async () => {
      for await (const _ of personify.paginate("/api/v1/x"));
    };

    const failures = await Promise.all([
      failureOf(personify.get(whoami)),
      failureOf(personify.delete(whoami)),
      failureOf(personify.post(whoami, {})),
      failureOf(personify.put(whoami, {})),
      failureOf(personify.patch(whoami, {})),
      failureOf(personify.request("GET", whoami)),
      failureOf(personify.fetch(whoami)),
      failureOf(personify.with({ headers: {} }).get(whoami)),
      failureOf(paginate()),
    ]);

    for (const failure of failures) {
      expect(failure).toBeInstanceOf(ConfigurationError);
      expect(failure).toMatchObject({ code: "missing_tenant", status: 500, retryable: false });
      expect(failure.message).toMatch(/tenantId/);
    }
    expect(emulator.requests()).toEqual([]);
  });

  test.each(["", "a b", "a\r\nx: y", "é", "t".repeat(257), 7, null, true, {}])(
    "%j of a call or of with() is refused, and nothing is sent",
    async (tenantId) => {
      const { emulator, client } = await emulated();
      const personify = client();
      const malformed = { tenantId: tenantId as string };

      await expect(personify.get(whoami, malformed)).rejects.toThrow(ConfigurationError);
      await expect(personify.get(whoami, malformed)).rejects.toThrow(/tenantId.*visible ASCII/);
      expect(() => personify.with(malformed)).toThrow(/tenantId.*visible ASCII/);
      await expect(personify.with(() => malformed).get(whoami)).rejects.toThrow(/tenantId.*visible ASCII/);
      expect(emulator.requests()).toEqual([]);
    },
  );
});

describe("with()", () => {
  test("shares the token", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const personify = client();

    for (const { id } of emulator.tenants) await personify.with({ tenantId: id }).get(whoami);

    expect(tokenRequests()).toBe(1);
    expect(emulator.requests({ kind: "api" }).map(({ tenantId }) => tenantId)).toEqual(
      emulator.tenants.map(({ id }) => id),
    );
  });

  test("calls a function once, at the first call", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url });
    const overrides = vi.fn(() => ({ tenantId: otherTenant }));

    const bound = personify.with(overrides);
    expect(overrides).not.toHaveBeenCalled();
    await times(5, () => bound.get("/a"));
    await bound.fetch("/a");
    await bound.getAccessToken();

    expect(overrides).toHaveBeenCalledTimes(1);
    expect(api.requests.flatMap((request) => request.header("x-tenant-id"))).toEqual(
      Array(6).fill(otherTenant),
    );
  });

  test("on a client whose function has not run leaves it for the first call", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const overrides = vi.fn(() => ({ tenantId: otherTenant, headers: { "x-a": "1" } }));

    const bound = client({ apiBaseUrl: api.url }).with(overrides);
    const inner = bound.with({ headers: { "x-b": "2" } });
    const innermost = inner.with(() => ({ headers: { "x-c": "3" } }));
    expect(overrides).not.toHaveBeenCalled();
    await innermost.get("/a");
    await inner.get("/a");

    expect(overrides).toHaveBeenCalledTimes(1);
    const sent = ["x-tenant-id", "x-a", "x-b", "x-c"].map((name) => api.requests[0]?.header(name));
    expect(sent).toEqual([[otherTenant], ["1"], ["2"], ["3"]]);
    expect(api.requests[1]?.header("x-c")).toEqual([]);
  });

  test("whose function throws rejects the call with its error, and nothing is sent", async () => {
    const { emulator, client } = await emulated();
    const thrown = new Error("no session");
    const bound = client().with(() => {
      throw thrown;
    });

    expect(await failureOf(bound.get(whoami))).toBe(thrown);
    expect(await failureOf(bound.fetch(whoami))).toBe(thrown);
    expect(emulator.requests()).toEqual([]);
  });

  test("refuses an unknown override and what is no object", async () => {
    const { emulator, client } = await emulated();
    const personify = client();

    expect(() => personify.with({ tenant: "a" } as object)).toThrow(/tenant does not exist/);
    expect(() => personify.with(undefined as never)).toThrow(ConfigurationError);
    await expect(personify.with(() => ({ tenant: "a" }) as object).get(whoami)).rejects.toThrow(
      /tenant does not exist/,
    );
    await expect(personify.with(() => "a" as never).get(whoami)).rejects.toThrow(ConfigurationError);
    expect(emulator.requests()).toEqual([]);
  });

  test("refuses a promise, of which the overrides would be lost", async () => {
    const { emulator, client } = await emulated();
    const overrides = async () => ({ tenantId: otherTenant });
    const personify = client();

    await expect(personify.with(overrides as never).get(whoami)).rejects.toThrow(
      /overrides: .*await it first/,
    );
    expect(() => personify.with(overrides() as never)).toThrow(/overrides: .*await it first/);
    expect(() => personify.with([] as never)).toThrow(ConfigurationError);
    expect(emulator.requests()).toEqual([]);
  });

  test("adds headers, of which the innermost and the call's win, in any case", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const outer = client({ apiBaseUrl: api.url }).with({ headers: { "X-A": "outer", "X-B": "outer" } });
    const inner = outer.with({ headers: new Headers({ "x-b": "inner", "X-C": "inner" }) });

    await inner.get("/a", { headers: { "x-c": "call" } });
    await inner.fetch("/a", { headers: { "X-C": "call" } });

    for (const request of api.requests) {
      expect(["x-a", "x-b", "x-c"].map((name) => request.header(name))).toEqual([
        ["outer"],
        ["inner"],
        ["call"],
      ]);
    }
    expect(api.requests).toHaveLength(2);
  });
});

describe("a 401", () => {
  test("renews the token once and replays the call, which succeeds", async () => {
    const { emulator, client, tokenRequests, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "reject-token" });
    const events: PersonifyEvent[] = [];

    const answer = await client({ onEvent: (event) => events.push(event) }).get<Whoami>(whoami);

    expect(answer.tenantId).toBe(emulator.credentials.tenantId);
    expect(tokenRequests()).toBe(2);
    expect(apiRequests()).toBe(2);
    expect(events).toContainEqual({
      type: "call_replayed",
      keyId: expect.stringMatching(/^[\w-]{20,}$/),
      tenantId: emulator.credentials.tenantId,
      method: "GET",
    });
  });

  test("met by 100 concurrent calls renews the token once", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    const personify = client();
    await personify.get(whoami);
    emulator.tokens.revoke();
    emulator.clearRequests();

    await times(100, () => personify.get(whoami));

    expect(tokenRequests()).toBe(1);
    expect(emulator.requests({ kind: "api", status: 200 })).toHaveLength(100);
  });

  test("met by 100 calls one after another, some after the renewal, renews the token once", async () => {
    const { client, tokenRequests } = await emulated();
    let revoked = "";
    let rejected = 0;
    const api = await recordingServer(async (request, response) => {
      const isRevoked = request.header("authorization")[0] === `Bearer ${revoked}`;
      if (isRevoked) await sleep(rejected++ / 2);
      response.statusCode = isRevoked ? 401 : 200;
      response.end("{}");
    });
    const personify = client({ apiBaseUrl: api.url });
    revoked = (await personify.getAccessToken()).value;

    await times(100, () => personify.get("/a"));

    expect(rejected).toBe(100);
    expect(api.requests).toHaveLength(200);
    expect(tokenRequests()).toBe(2);
  });

  test("that stays is an ApiError after one replay, and renewals stop", async () => {
    const { emulator, client, tokenRequests, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "reject-token", times: Number.POSITIVE_INFINITY });
    const personify = client();

    const failure = await failureOf(personify.get(whoami));
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ code: "api_error", status: 502, response: { status: 401 } });
    expect([tokenRequests(), apiRequests()]).toEqual([2, 2]);

    const others = await times(50, () => failureOf(personify.get(whoami)));
    expect(others.every((error) => error instanceof ApiError && error.response.status === 401)).toBe(true);
    expect(tokenRequests()).toBe(2);
    expect(apiRequests()).toBe(52);
  });

  test("whose renewal fails is the token's error", async () => {
    const { emulator, client, apiRequests } = await emulated();
    const personify = client();
    await personify.get(whoami);
    emulator.tokens.revoke();
    emulator.clients.update(emulator.credentials.clientId, { clientSecret: "rotated-secret" });

    await expect(personify.get(whoami)).rejects.toMatchObject({ error: "invalid_client" });
    expect(apiRequests()).toBe(2);
  });

  test("is not what a 403 is: no renewal and no replay", async () => {
    const { emulator, client, tokenRequests, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 403, times: 2 });
    const personify = client();

    await expect(personify.get(whoami)).rejects.toMatchObject({ response: { status: 403 }, status: 502 });
    expect((await personify.fetch(whoami)).status).toBe(403);
    expect([tokenRequests(), apiRequests()]).toEqual([1, 2]);
  });

  const challenges: Record<string, string[]> = {
    "no challenge": [],
    "one challenge": ['Bearer realm="api", error="invalid_token"'],
    "several challenges": ['Basic realm="x"', 'Bearer error="invalid_token"', "Negotiate"],
    "several challenges in one line": ['Digest nonce="a", qop="auth, auth-int", Bearer realm="b", Basic'],
    "quoted commas and quotes": ['Bearer realm="a, Basic, \\"b\\"", error_description="no, expired"'],
    "a malformed challenge": ['Bearer realm="a, error='],
    "no scheme that is ours": ['Basic realm="x"'],
  };

  test.each(Object.entries(challenges))("with %s renews the token once", async (_what, lines) => {
    const api = await recordingServer((_request, response) => {
      if (api.requests.length % 2 === 0) return void response.end("{}");
      response.writeHead(401, lines.length > 0 ? { "www-authenticate": lines } : {}).end();
    });
    const { client, tokenRequests } = await emulated();

    for (const changes of [{}, { fetch: globalThis.fetch }]) {
      const personify = client({ apiBaseUrl: api.url, ...changes });
      await personify.get("/a");
      expect((await personify.fetch("/a")).status).toBe(200);
    }

    expect(api.requests).toHaveLength(8);
    expect(new Set(api.requests.flatMap((request) => request.header("authorization"))).size).toBe(6);
    expect(tokenRequests()).toBe(6);
  });

  test.each([
    'Bearer error="insufficient_scope", scope="idp_admin"',
    'Bearer error="invalid_token"',
    'Basic realm="x", Bearer error="insufficient_scope, invalid_token"',
  ])("is not what a 403 is, whatever its challenge: %s", async (challenge) => {
    const { client, tokenRequests } = await emulated();
    const api = await recordingServer((_request, response) => {
      response.writeHead(403, { "www-authenticate": challenge }).end();
    });
    const personify = client({ apiBaseUrl: api.url });

    const failure = (await failureOf(personify.get("/a"))) as ApiError;
    expect((await personify.fetch("/a")).headers.get("www-authenticate")).toBe(challenge);

    expect(failure.response.headers.get("www-authenticate")).toBe(challenge);
    expect([tokenRequests(), api.requests.length]).toEqual([1, 2]);
  });

  test("has its body read to the end, so that its connection is used again", async () => {
    const { client } = await emulated();
    let rest = () => {};
    const api = await startTestServer((_request, response) => {
      if (api.received.length % 2 === 0) {
        rest();
        response.end();
        return;
      }
      response.writeHead(401).write("x".repeat(30_000));
      // It comes when the replay has.
      rest = () => response.end("x".repeat(30_000));
    });
    const personify = client({ apiBaseUrl: api.origin });

    for (let call = 0; call < 30; call++) await (await personify.fetch("/a")).text();

    expect(api.received).toHaveLength(60);
    // Each needs two at once, and either may be the one that is free for the next.
    expect(api.connections()).toBeLessThanOrEqual(4);
  });

  const bodies: Record<string, () => RequestBody> = {
    JSON: () => ({ name: "Åsa", list: [1, 2] }),
    "a form": () => new URLSearchParams({ a: "1 2", b: "&" }),
    "a string": () => "text",
    bytes: () => new TextEncoder().encode("bytes").subarray(1),
    "an ArrayBuffer": () => new TextEncoder().encode("buffer").buffer as ArrayBuffer,
    "a Blob": () => new Blob(["blob"], { type: "text/csv" }),
    FormData: () => {
      const form = new FormData();
      form.set("field", "value");
      form.set("file", new Blob(["content"]), "name.txt");
      return form;
    },
  };
  const methods = ["POST", "PUT", "PATCH", "DELETE"];
  const combinations = methods.flatMap((method) => Object.keys(bodies).map((kind) => ({ method, kind })));

  test.each(combinations)("replays $method with $kind, byte for byte", async ({ method, kind }) => {
    const { client, tokenRequests } = await emulated();
    const api = await recordingServer(rejecting(1));

    const answer = await client({ apiBaseUrl: api.url }).request(method, "/a", { body: bodies[kind]?.() });

    expect(answer.status).toBe(200);
    const [first, second] = api.requests;
    expect([first?.method, second?.method]).toEqual([method, method]);
    expect(first?.body).not.toBe("");
    expect(second?.body).toBe(first?.body);
    expect(second?.header("content-type")).toEqual(first?.header("content-type"));
    expect(api.requests).toHaveLength(2);
    expect(tokenRequests()).toBe(2);
  });

  const unreplayable: Record<string, () => RequestBody> = {
    "the caller's own stream": () => new Blob(["streamed"]).stream(),
    "more than 1 MiB": () => "x".repeat(1024 * 1024 + 1),
  };

  test.each(Object.keys(unreplayable))("does not replay %s, but renews the token", async (kind) => {
    const { client, tokenRequests } = await emulated();
    const api = await recordingServer(rejecting(1));
    const personify = client({ apiBaseUrl: api.url });

    const failure = await failureOf(personify.post("/a", unreplayable[kind]?.()));

    expect(failure).toMatchObject({ code: "api_error", response: { status: 401 } });
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]?.body).not.toBe("");
    expect(tokenRequests()).toBe(2);
    await personify.post("/a", "next");
    expect(api.requests[1]?.header("authorization")).not.toEqual(api.requests[0]?.header("authorization"));
    expect(tokenRequests()).toBe(2);
  });
});

describe("retries", () => {
  test.each([408, 429, 502, 503, 504])("repeat a GET answered %i until it succeeds", async (status) => {
    const { emulator, client, apiRequests, tokenRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status, times: 2 });

    await client({ retry: quick }).get(whoami);

    expect(apiRequests()).toBe(3);
    expect(tokenRequests()).toBe(1);
  });

  test("give up after maxRetries with the upstream's error", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503, times: 9 });

    const failure = await failureOf(client({ retry: { ...quick, maxRetries: 3 } }).get(whoami));

    expect(failure).toMatchObject({ status: 503, response: { status: 503 }, retryable: true });
    expect(apiRequests()).toBe(4);
  });

  test("repeat a GET whose connection was reset, and end in a NetworkError", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "reset", times: 5 });
    const personify = client({ retry: quick });

    const failure = await failureOf(personify.get(whoami));
    expect(failure).toBeInstanceOf(NetworkError);
    expect(failure).toMatchObject({ code: "network_error", status: 502, retryable: true });
    expect(apiRequests()).toBe(3);

    await personify.get(whoami);
    expect(apiRequests()).toBe(6);
  });

  test.each(["POST", "PATCH"])("never repeat %s, on 503 or on a reset", async (method) => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503 });
    emulator.faults.add({ on: "api", kind: "reset" });
    const personify = client({ retry: quick });

    await expect(personify.request(method, whoami, { body: {} })).rejects.toMatchObject({ status: 503 });
    await expect(personify.request(method, whoami, { body: {} })).rejects.toMatchObject({
      code: "network_error",
    });
    expect(apiRequests()).toBe(2);
  });

  test.each(["POST", "PATCH", "QUERY"])("never repeat %s, whatever fails", async (method) => {
    const { client } = await emulated();
    const statuses = [408, 429, 500, 502, 503, 504];
    const api = await recordingServer((request, response) => {
      const status = Number(request.url.slice(1));
      if (Number.isNaN(status)) return; // It is never answered.
      response.writeHead(status, { "retry-after": "0" }).end();
    });

    for (const changes of [{}, { fetch: globalThis.fetch }]) {
      const personify = client({ apiBaseUrl: api.url, retry: { ...quick, maxRetries: 10 }, ...changes });
      for (const status of statuses) {
        await expect(personify.request(method, `/${status}`, { body: {} })).rejects.toMatchObject({
          response: { status },
        });
      }
      await personify.getAccessToken();
      const timedOut = personify.request(method, "/silent", { body: {}, timeout: 300 });
      await expect(timedOut).rejects.toMatchObject({ code: "request_timeout" });
    }

    const each = [...statuses.map((status) => `/${status}`), "/silent"];
    expect(api.requests.map(({ url }) => url)).toEqual([...each, ...each]);
  });

  test("of a call to fetch are none, whatever its method", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => void response.writeHead(503).end());
    const personify = client({ apiBaseUrl: api.url, retry: quick });

    const methods = ["GET", "PUT", "DELETE", "POST"];
    for (const method of methods) expect((await personify.fetch("/a", { method })).status).toBe(503);

    expect(api.requests.map(({ method }) => method)).toEqual(methods);
  });

  test("come at once where Retry-After is in the past", async () => {
    const { emulator, client, apiRequests } = await emulated();
    const events: PersonifyEvent[] = [];
    const past = new Date(Date.now() - 3_600_000).toUTCString();
    emulator.faults.add({ on: "api", kind: "status", status: 429, retryAfter: past });
    emulator.faults.add({ on: "api", kind: "status", status: 503, retryAfter: 0 });

    await client({ onEvent: (event) => events.push(event) }).get(whoami);

    expect(apiRequests()).toBe(3);
    expect(events.filter(({ type }) => type === "call_retried")).toMatchObject([{ delay: 0 }, { delay: 0 }]);
  });

  test("are saved up again by calls, a tenth of one each", async () => {
    const { client } = await emulated();
    let down = true;
    const api = await recordingServer((_request, response) => {
      response.writeHead(down ? 503 : 200).end("{}");
    });
    const personify = client({ apiBaseUrl: api.url, retry: { ...quick, maxRetries: 10 } });
    const requestsOf = async (calls: number) => {
      const before = api.requests.length;
      for (let call = 0; call < calls; call++) await personify.get("/a").catch(() => {});
      return api.requests.length - before;
    };

    expect(await requestsOf(1)).toBe(11);
    expect(await requestsOf(1)).toBe(1);
    down = false;
    expect(await requestsOf(18)).toBe(18);
    down = true;
    // Twenty calls have saved two.
    expect(await requestsOf(1)).toBe(3);
  });

  test.each(["PUT", "DELETE", "HEAD", "OPTIONS"])("repeat %s, which is idempotent", async (method) => {
    const { client } = await emulated();
    let failed = false;
    const api = await recordingServer((_request, response) => {
      response.statusCode = failed ? 200 : 503;
      failed = true;
      response.end();
    });

    await client({ apiBaseUrl: api.url, retry: quick }).request(method, "/a");

    expect(api.requests.map((request) => request.method)).toEqual([method, method]);
  });

  test.each([400, 404, 500, 501])("do not repeat a GET answered %i", async (status) => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status });

    await expect(client({ retry: quick }).get(whoami)).rejects.toMatchObject({ response: { status } });
    expect(apiRequests()).toBe(1);
  });

  test("are switched off by retry: false", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503 });

    await expect(client({ retry: false }).get(whoami)).rejects.toMatchObject({ status: 503 });
    expect(apiRequests()).toBe(1);
  });

  test("stay within a budget that all clients made by with() share", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503, times: Number.POSITIVE_INFINITY });
    const personify = client({ retry: quick });
    const { tenantId } = emulator.credentials;

    await times(30, () => failureOf(personify.with({ tenantId }).get(whoami)));

    // 10 were saved up, and 30 calls save at most 3 more.
    expect(apiRequests()).toBeGreaterThanOrEqual(40);
    expect(apiRequests()).toBeLessThanOrEqual(43);
  });

  test("are not waited for past the deadline: the answer at hand is the error", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503, retryAfter: 20 });

    const failure = await failureOf(client({ timeout: { request: 5_000 } }).get(whoami));

    expect(failure).toMatchObject({
      code: "api_error",
      status: 503,
      headers: { "retry-after": "20" },
    });
    expect(apiRequests()).toBe(1);
  });

  test("use a token that is current: one renewed by a 401 on the first attempt", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503 });
    emulator.faults.add({ on: "api", kind: "reject-token" });

    await client({ retry: quick }).get(whoami);

    expect(tokenRequests()).toBe(2);
    expect(emulator.requests({ kind: "api" }).map(({ status }) => status)).toEqual([503, 401, 200]);
  });
});

describe("time limits", () => {
  test("timeout.token ends the wait for a token with token_timeout, and no call is sent", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "token", kind: "stall", before: "headers" });

    await expect(client({ timeout: { token: 30 } }).get(whoami)).rejects.toMatchObject({
      name: "TimeoutError",
      code: "token_timeout",
      status: 504,
      retryable: true,
    });
    expect(apiRequests()).toBe(0);
  });

  test("timeout.request covers the token", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "token", kind: "stall" });

    await expect(client({ timeout: { request: 30 } }).get(whoami)).rejects.toMatchObject({
      name: "TimeoutError",
      code: "request_timeout",
      status: 504,
    });
    expect(apiRequests()).toBe(0);
  });

  test.each(["headers", undefined] as const)(
    "timeout.request ends a call whose answer stalls (before: %s)",
    async (before) => {
      const { emulator, client } = await emulated();
      const personify = client({ timeout: { request: 50 } });
      await personify.getAccessToken();
      emulator.faults.add({ on: "api", kind: "stall", ...(before !== undefined && { before }) });

      await expect(personify.get(whoami)).rejects.toMatchObject({ code: "request_timeout", status: 504 });
    },
  );

  test("timeout.request covers all attempts", async () => {
    const { emulator, client } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503 });
    emulator.faults.add({ on: "api", kind: "stall", before: "headers" });
    const personify = client({ retry: quick, timeout: { request: 50 } });
    await personify.getAccessToken();

    await expect(personify.get(whoami)).rejects.toMatchObject({ code: "request_timeout" });
  });

  test("a call's own timeout takes the place of the client's", async () => {
    const { emulator, client } = await emulated();
    const personify = client();
    await personify.getAccessToken();
    emulator.faults.add({ on: "api", kind: "stall", before: "headers" });

    const failure = await failureOf(personify.get(whoami, { timeout: 20 }));

    expect(failure).toMatchObject({ code: "request_timeout" });
    expect(failure.message).toContain("20 ms");
  });

  test("a call that ended, well or not, has freed its timer", async () => {
    const { emulator, client } = await emulated();
    const personify = client({ timeout: { token: 12_321, request: 12_345 }, retry: false });
    const set = vi.spyOn(globalThis, "setTimeout");
    const clear = vi.spyOn(globalThis, "clearTimeout");
    onTestFinished(() => void vi.restoreAllMocks());

    await personify.get(whoami);
    emulator.faults.add({ on: "api", kind: "status", status: 500 });
    await failureOf(personify.get(whoami));

    const timers = set.mock.results.filter((_, index) =>
      [12_321, 12_345].includes(set.mock.calls[index]?.[1] ?? 0),
    );
    expect(timers).toHaveLength(3);
    for (const { value } of timers) expect(clear).toHaveBeenCalledWith(value);
  });
});

describe("a signal", () => {
  test("that has aborted already rejects with its reason, and nothing is sent", async () => {
    const { emulator, client } = await emulated();
    const reason = new Error("the user left");
    const signal = AbortSignal.abort(reason);
    const personify = client();

    expect(await failureOf(personify.get(whoami, { signal }))).toBe(reason);
    expect(await failureOf(personify.post(whoami, {}, { signal }))).toBe(reason);
    expect(await failureOf(personify.fetch(whoami, { signal }))).toBe(reason);
    expect(await failureOf(personify.with({ signal }).get(whoami))).toBe(reason);
    expect(await failureOf(personify.with({ signal }).fetch(whoami))).toBe(reason);
    expect(await failureOf(personify.with({ signal }).getAccessToken())).toBe(reason);
    expect(emulator.requests()).toEqual([]);
  });

  test("rejects its own call during a token request and leaves the others", async () => {
    const { emulator, client, tokenRequests } = await emulated();
    emulator.faults.add({ on: "token", kind: "latency", ms: 40 });
    const personify = client();
    const reason = new Error("the user left");
    const abort = new AbortController();
    const other = personify.get<Whoami>(whoami);

    const aborted = failureOf(personify.get(whoami, { signal: abort.signal }));
    await vi.waitFor(() => expect(tokenRequests()).toBe(1), { interval: 1 });
    abort.abort(reason);

    expect(await aborted).toBe(reason);
    expect((await other).clientId).toBe(emulator.credentials.clientId);
    expect(tokenRequests()).toBe(1);
  });

  test.each(["of the call", "of with()"])("%s rejects a call under way with its reason", async (whose) => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "stall", before: "headers", times: 2 });
    const personify = client();
    const reason = { why: "not even an Error" };
    const abort = new AbortController();
    const never = new AbortController().signal;
    const [ofCall, ofWith] = whose === "of the call" ? [abort.signal, never] : [never, abort.signal];
    const bound = personify.with({ signal: ofWith });

    const calls = [bound.get(whoami, { signal: ofCall }), bound.fetch(whoami, { signal: ofCall })].map(
      (call) => call.catch((error: unknown) => error),
    );
    await vi.waitFor(() => expect(apiRequests()).toBe(2), { interval: 1 });
    abort.abort(reason);

    expect(await Promise.all(calls)).toEqual([reason, reason]);
    expect(await calls[0]).toBe(reason);
    await personify.get(whoami);
  });

  test("of a Request given to fetch is heeded", async () => {
    const { emulator, client } = await emulated();
    const reason = new Error("the user left");
    const request = new Request(emulator.apiBaseUrl + whoami, { signal: AbortSignal.abort(reason) });

    expect(await failureOf(client().fetch(request))).toBe(reason);
    expect(emulator.requests()).toEqual([]);
  });
});

describe("fetch", () => {
  test("is aborted by a Request that its caller did not keep", async () => {
    const { client } = await emulated();
    const api = await recordingServer(() => {});
    const abort = new AbortController();
    const { fetch } = client({ apiBaseUrl: api.url });

    const failure = failureOf(fetch(new Request(`${api.url}/a`, { signal: abort.signal })));
    await vi.waitFor(() => expect(api.requests).toHaveLength(1));
    for (let turn = 0; turn < 5; turn++) {
      await sleep(1);
      collectGarbage();
    }
    abort.abort(new Error("the user left"));

    expect((await failure).message).toBe("the user left");
  });

  test("takes null for init, as fetch does", async () => {
    const { client } = await emulated();
    expect((await client().fetch(whoami, null as never)).status).toBe(200);
  });

  test("takes a path, a URL and a Request, and may be passed unbound", async () => {
    const { emulator, client } = await emulated();
    const { fetch } = client();
    const url = emulator.apiBaseUrl + whoami;

    const answers = await Promise.all([
      fetch(whoami),
      fetch(url),
      fetch(new URL(url)),
      fetch(new Request(url)),
      fetch(new Request(url), { method: "HEAD" }),
    ]);

    for (const answer of answers) {
      expect(answer).toBeInstanceOf(Response);
      expect(answer.status).toBe(200);
    }
    expect(await answers[3]?.json()).toMatchObject({ clientId: emulator.credentials.clientId });
    expect(
      emulator
        .requests({ kind: "api" })
        .map(({ method }) => method)
        .sort(),
    ).toEqual(["GET", "GET", "GET", "GET", "HEAD"]);
  });

  test("of one request's client stays with its tenant when it is passed unbound", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: api.url });
    const { fetch: one } = personify.with({ tenantId: "one" });
    const { fetch: two } = personify.with({ tenantId: "two" });

    await one("/a");
    await two("/a");
    await one("/a");

    expect(api.requests.flatMap((request) => request.header("x-tenant-id"))).toEqual(["one", "two", "one"]);
  });

  test("resolves on HTTP errors and repeats none but a 401", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "status", status: 503, body: "upstream text" });
    const personify = client();

    const unavailable = await personify.fetch(whoami);
    const missing = await personify.fetch("/api/v1/nothing-here");

    expect(unavailable.status).toBe(503);
    expect(await unavailable.text()).toBe("upstream text");
    expect(missing.status).toBe(404);
    expect(apiRequests()).toBe(2);
  });

  test("rejects with fetch's own TypeError where the connection fails", async () => {
    const { emulator, client, apiRequests } = await emulated();
    emulator.faults.add({ on: "api", kind: "reset" });

    const failure = await failureOf(client().fetch(whoami));

    expect(failure).toBeInstanceOf(TypeError);
    expect(isPersonifyError(failure)).toBe(false);
    expect(apiRequests()).toBe(1);
  });

  test("rejects with a PersonifyError for its token, its tenant and its target", async () => {
    const { client, apiRequests } = await emulated();

    await expect(client({ clientSecret: "wrong-secret" }).fetch(whoami)).rejects.toMatchObject({
      code: "token_request_refused",
    });
    await expect(client({ tenantId: undefined }).fetch(whoami)).rejects.toMatchObject({
      code: "missing_tenant",
    });
    await expect(client().fetch("https://elsewhere.example/")).rejects.toMatchObject({
      code: "target_refused",
    });
    expect(apiRequests()).toBe(0);
  });

  const inits: Record<string, (url: string) => [string | Request, RequestInit?]> = {
    "no body": (url) => [url],
    "a string": (url) => [url, { method: "POST", body: "text" }],
    bytes: (url) => [url, { method: "PUT", body: new TextEncoder().encode("bytes") }],
    "a form": (url) => [url, { method: "PATCH", body: new URLSearchParams({ a: "1" }) }],
    "a Blob": (url) => [url, { method: "DELETE", body: new Blob(["blob"]) }],
    "a Request with a body": (url) => [new Request(url, { method: "POST", body: "of the request" })],
    "a Request with a streamed body": (url) => [
      new Request(url, { method: "POST", body: new Blob(["streamed"]).stream(), duplex: "half" }),
    ],
  };

  test.each(Object.keys(inits))("replays %s after a 401", async (kind) => {
    const { client, tokenRequests } = await emulated();
    const api = await recordingServer(rejecting(1));
    const [input, init] = inits[kind]?.(`${api.url}/a`) ?? [""];

    const answer = await client({ apiBaseUrl: api.url }).fetch(input, init);

    expect(answer.status).toBe(200);
    expect(api.requests).toHaveLength(2);
    const [first, second] = api.requests;
    expect(first?.body === "").toBe(kind === "no body");
    expect(second).toMatchObject({ method: first?.method, body: first?.body });
    expect(second?.header("content-type")).toEqual(first?.header("content-type"));
    expect(tokenRequests()).toBe(2);
  });

  test("replays FormData after a 401", async () => {
    const { client } = await emulated();
    const api = await recordingServer(rejecting(1));
    const body = new FormData();
    body.set("file", new Blob(["content"]), "name.txt");

    const answer = await client({ apiBaseUrl: api.url }).fetch("/a", { method: "POST", body });

    expect(answer.status).toBe(200);
    expect(api.requests).toHaveLength(2);
    for (const request of api.requests) {
      const boundary = /boundary=(\S+)/.exec(request.header("content-type")[0] ?? "")?.[1] ?? "none";
      expect(request.body).toContain(boundary);
      expect(request.body).toContain("content");
    }
  });

  test("answers the second 401 as it is", async () => {
    const { client } = await emulated();
    const api = await recordingServer(rejecting(9));

    expect((await client({ apiBaseUrl: api.url }).fetch("/a")).status).toBe(401);
    expect(api.requests).toHaveLength(2);
  });

  const large = () => "x".repeat(1024 * 1024 + 1);
  const unreplayable: Record<string, (url: string) => [string | Request, RequestInit?]> = {
    "a stream": (url) => [
      url,
      { method: "POST", body: new Blob(["streamed"]).stream(), duplex: "half" } as RequestInit,
    ],
    "more than 1 MiB": (url) => [url, { method: "POST", body: large() }],
    "a Request with more than 1 MiB": (url) => [new Request(url, { method: "POST", body: large() })],
  };

  test.each(Object.keys(unreplayable))("sends %s once: the 401 is the answer", async (kind) => {
    const { client, tokenRequests } = await emulated();
    const api = await recordingServer(rejecting(1));
    const [input, init] = unreplayable[kind]?.(`${api.url}/a`) ?? [""];
    const personify = client({ apiBaseUrl: api.url });

    const answer = await personify.fetch(input, init);

    expect(answer.status).toBe(401);
    expect(await answer.text()).toBe("{}");
    expect(api.requests).toHaveLength(1);
    expect(api.requests[0]?.body.length).toBeGreaterThan(7);
    expect(tokenRequests()).toBe(2);
  });

  test("calls globalThis.fetch as it is at the time of the call", async () => {
    const { client } = await emulated();
    const personify = client();
    await personify.getAccessToken();
    const seen: string[] = [];
    vi.stubGlobal("fetch", async (input: string | URL | Request) => {
      seen.push(String(input));
      return new Response("stubbed");
    });
    onTestFinished(() => void vi.unstubAllGlobals());

    const answer = await personify.fetch(whoami);

    expect(await answer.text()).toBe("stubbed");
    expect(seen).toEqual([expect.stringContaining(whoami)]);
  });
});

describe("targets", () => {
  const refused: Record<string, string> = {
    "another origin": "https://elsewhere.example/api/v1/whoami",
    "another host without a scheme": "//elsewhere.example/",
    "a backslash": "/\\elsewhere.example/",
    "a user part": "https://user:pass@elsewhere.example/",
    "another scheme": "file:///etc/passwd",
    "a way out of the base path": "/../admin",
    "an encoded way out of the base path": "/%2e%2e/admin",
  };

  test.each(Object.entries(refused))("%s is refused before anything is sent", async (_what, target) => {
    const { emulator, client } = await emulated();
    const personify = client({ apiBaseUrl: `${emulator.apiBaseUrl}/api` });

    for (const failure of [
      await failureOf(personify.get(target)),
      await failureOf(personify.fetch(target)),
      await failureOf(personify.request("POST", target, { body: {} })),
    ]) {
      expect(failure).toBeInstanceOf(ConfigurationError);
      expect(failure).toMatchObject({ code: "target_refused" });
    }
    expect(emulator.requests()).toEqual([]);
  });

  test("on allowedOrigins get the token and tenant, on any other nothing", async () => {
    const { emulator, client } = await emulated();
    const [allowed, foreign] = [await recordingServer(), await recordingServer()];
    const personify = client({ allowedOrigins: [allowed.url] });

    await personify.get(`${allowed.url}/files/1`);
    await personify.fetch(new URL(`${allowed.url}/files/2`));
    await expect(personify.get(`${foreign.url}/files/1`)).rejects.toMatchObject({ code: "target_refused" });

    expect(allowed.requests.map(({ url }) => url)).toEqual(["/files/1", "/files/2"]);
    expect(allowed.requests[0]?.header("authorization")).toHaveLength(1);
    expect(allowed.requests[0]?.header("x-tenant-id")).toEqual([emulator.credentials.tenantId]);
    expect(foreign.requests).toEqual([]);
  });

  test("are templates below apiBaseUrl whose values are encoded, with the query appended", async () => {
    const { client } = await emulated();
    const api = await recordingServer();
    const personify = client({ apiBaseUrl: `${api.url}/base` });

    await personify.get("/event/{eventId}/{n}", {
      path: { eventId: "a/b?c#d é", n: 7 },
      query: { Page: 2, tag: ["x y", "z"], none: undefined, no: null, yes: true },
    });
    await personify.get("event");

    expect(api.requests.map(({ url }) => url)).toEqual([
      "/base/event/a%2Fb%3Fc%23d%20%C3%A9/7?Page=2&tag=x+y&tag=z&yes=true",
      "/base/event",
    ]);
  });

  test.each([301, 302, 303, 307, 308])(
    "a %i to another origin is the answer, and leaks nothing",
    async (status) => {
      const { client } = await emulated();
      const foreign = await recordingServer();
      const api = await recordingServer((_request, response) => {
        response.writeHead(status, { location: `${foreign.url}/stolen` }).end();
      });

      for (const changes of [{}, { fetch: globalThis.fetch }, { allowedOrigins: [foreign.url] }]) {
        const personify = client({ apiBaseUrl: api.url, ...changes });
        const failure = await failureOf(personify.get("/a"));
        const posted = await failureOf(personify.post("/a", { a: 1 }));
        const answer = await personify.fetch("/a", { method: "POST", body: "b" });

        expect(failure).toMatchObject({ code: "api_error", status: 502, response: { status } });
        expect(posted).toMatchObject({ code: "api_error", response: { status } });
        expect(answer.status).toBe(status);
        expect(answer.headers.get("location")).toBe(`${foreign.url}/stolen`);
      }
      expect(api.requests).toHaveLength(9);
      expect(foreign.requests).toEqual([]);
    },
  );

  test("values of path that are dot segments are refused, encoded as well, and nothing is sent", async () => {
    const { emulator, client } = await emulated();
    const personify = client({ apiBaseUrl: `${emulator.apiBaseUrl}/api` });

    for (const a of [".", "..", "%2e", "%2E%2e", ".%2e", "../x", "a/..", "..\\x", ""]) {
      await expect(personify.get("/{a}/x", { path: { a } })).rejects.toMatchObject({
        code: "target_refused",
      });
    }
    expect(emulator.requests()).toEqual([]);
  });

  test("a redirect above the base path is the answer", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => {
      response.writeHead(307, { location: "/base/%2e%2e/admin" }).end();
    });
    const personify = client({ apiBaseUrl: `${api.url}/base` });

    await expect(personify.put("/a", { a: 1 })).rejects.toMatchObject({ response: { status: 307 } });
    expect((await personify.fetch("/a", { method: "PUT", body: "b" })).status).toBe(307);
    expect(api.requests.map(({ url }) => url)).toEqual(["/base/a", "/base/a"]);
  });

  test("a redirect that fetch() is told to leave alone, or to fail on, is not followed", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => {
      response.writeHead(302, { location: "/b" }).end();
    });
    const personify = client({ apiBaseUrl: api.url });

    const answer = await personify.fetch("/a", { redirect: "manual" });
    const asked = await personify.fetch(new Request(`${api.url}/a`, { redirect: "manual" }));
    const failure = await failureOf(personify.fetch("/a", { redirect: "error" }));

    expect([answer.status, asked.status]).toEqual([302, 302]);
    expect(answer.headers.get("location")).toBe("/b");
    expect(failure).toBeInstanceOf(TypeError);
    expect(api.requests.map(({ url }) => url)).toEqual(["/a", "/a", "/a"]);
  });

  test("a redirect on the same origin is followed with token and tenant, five times at most", async () => {
    const { client } = await emulated();
    const api = await recordingServer((request, response) => {
      const step = Number(request.url.slice(1));
      if (step === 0) response.end('"arrived"');
      else response.writeHead(302, { location: `/${step - 1}` }).end();
    });
    const personify = client({ apiBaseUrl: api.url, tenantId: "tenant-1" });

    expect(await personify.get("/5")).toBe("arrived");
    expect(await (await personify.fetch("/5")).json()).toBe("arrived");
    expect(api.requests).toHaveLength(12);
    for (const request of api.requests) {
      expect(request.header("authorization")).toHaveLength(1);
      expect(request.header("x-tenant-id")).toEqual(["tenant-1"]);
    }
    await expect(personify.get("/6")).rejects.toMatchObject({ response: { status: 302 } });
    expect((await personify.fetch("/6")).status).toBe(302);
  });
});

describe("answers", () => {
  test("request returns status, headers and data", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => {
      response.writeHead(201, { location: "/a/1", "x-a": "1" }).end('{"id":1}');
    });

    const answer = await client({ apiBaseUrl: api.url }).request<{ id: number }>("post", "/a", { body: {} });

    expect(answer.status).toBe(201);
    expect(answer.data).toEqual({ id: 1 });
    expect(answer.headers).toBeInstanceOf(Headers);
    expect(answer.headers.get("Location")).toBe("/a/1");
    expect(api.requests[0]?.method).toBe("POST");
  });

  test("an empty one is undefined", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => void response.writeHead(204).end());

    expect(await client({ apiBaseUrl: api.url }).delete("/a")).toBeUndefined();
  });

  test("HTML and truncated ones are typed errors that do not quote them", async () => {
    const { emulator, client } = await emulated();
    emulator.faults.add({ on: "api", kind: "html" });
    emulator.faults.add({ on: "api", kind: "truncate", times: 3 });
    const personify = client({ retry: quick });

    const html = await failureOf(personify.get(whoami));
    const truncated = await failureOf(personify.get(whoami));

    expect(html).toMatchObject({ code: "response_invalid", status: 502 });
    expect(html.message).toContain(`GET ${whoami}`);
    expect(html.message).not.toMatch(/html|sign in/i);
    expect(truncated).toMatchObject({ code: "network_error", status: 502 });
  });

  test("an error one is an ApiError with the upstream's status and data, and a message without them", async () => {
    const { client } = await emulated();
    const api = await recordingServer((_request, response) => {
      response.writeHead(409, { "x-a": "1" }).end('{"detail":"upstream-text"}');
    });

    const failure = await failureOf(
      client({ apiBaseUrl: api.url }).post("/event/{id}?key=in-query", {}, { path: { id: "value-of-path" } }),
    );

    expect(failure).toBeInstanceOf(ApiError);
    const { response } = failure as ApiError;
    expect(response).toMatchObject({ status: 409, data: { detail: "upstream-text" } });
    expect(response.headers.get("x-a")).toBe("1");
    expect(failure.message).toContain("POST /event/{id} with HTTP 409");
    expect(`${failure.message}${failure.stack}`).not.toMatch(/upstream-text|in-query|value-of-path/);
  });

  test("pages are iterated by item and by page", async () => {
    const { emulator, client } = await emulated();
    const eventId = emulator.tenants[0]?.events[0]?.id ?? "";
    const list = client().paginate<{ id: string }>("/api/v1/exhibitor/event/{eventId}", {
      path: { eventId },
      query: { ItemsPerPage: 50 },
    });

    const ids = new Set<string>();
    for await (const { id } of list) ids.add(id);
    const sizes: number[] = [];
    for await (const { data, paginationMetadata } of list.pages()) {
      sizes.push(data.length);
      expect(paginationMetadata.totalCount).toBe(140);
    }

    expect(ids.size).toBe(140);
    expect(sizes).toEqual([50, 50, 40]);
  });
});

describe("wrong arguments are refused, and nothing is sent:", () => {
  const wrong: Record<string, unknown> = {
    querry: { querry: {} },
    tenant: { tenant: "a" },
    body: { body: { a: 1 } },
    "timeout: expected": { timeout: 0 },
    "query.a": { query: { a: {} } },
    "path.b": { path: { b: 1 } },
    "path: expected": { path: null },
    "query: expected": { query: "a=1" },
    "headers: expected": { headers: ["a", "1"] },
  };

  test.each(Object.entries(wrong))("%s", async (named, options) => {
    const { emulator, client } = await emulated();
    const personify = client();

    for (const failure of [
      await failureOf(personify.get(whoami, options as object)),
      await failureOf(personify.delete(whoami, options as object)),
      await failureOf(personify.post(whoami, {}, options as object)),
    ]) {
      expect(failure).toBeInstanceOf(ConfigurationError);
      expect(failure.message).toContain(`Option ${named}`);
    }
    expect(emulator.requests()).toEqual([]);
  });

  test.each([null, 7, "a=1", []])("options that are %j", async (options) => {
    const { emulator, client } = await emulated();
    const personify = client();

    for (const call of [
      () => personify.get(whoami, options as never),
      () => personify.request("GET", whoami, options as never),
      async () => personify.paginate(whoami, options as never),
    ]) {
      expect((await failureOf(call())).message).toContain("Option options: expected an object");
    }
    expect(emulator.requests()).toEqual([]);
  });

  test.each(["GET", "head"])("a body of %s", async (method) => {
    const { emulator, client } = await emulated();

    await expect(client().request(method, whoami, { body: { a: 1 } })).rejects.toThrow(/has no body/);
    expect(emulator.requests()).toEqual([]);
  });

  test.each(["", "GET /", "GET\r\n", 7, "CONNECT", "trace", "TRACK"])("method %j", async (method) => {
    const { emulator, client } = await emulated();

    await expect(client().request(method as string, whoami)).rejects.toThrow(/Option method/);
    expect(emulator.requests()).toEqual([]);
  });

  test("a body that is no JSON", async () => {
    const { emulator, client } = await emulated();
    const cycle: Record<string, unknown> = { secret: "in-the-body" };
    cycle["self"] = cycle;

    const failure = await failureOf(client().post(whoami, cycle));

    expect(failure).toBeInstanceOf(ConfigurationError);
    expect(failure.message).not.toContain("in-the-body");
    expect(emulator.requests()).toEqual([]);
  });
});

test("options that are inherited count for all of a client's calls", async () => {
  const { emulator, client } = await emulated();
  const personify = client({ tenantId: "another-tenant" });
  const options = Object.create({ tenantId: emulator.credentials.tenantId }) as object;
  await personify.get(whoami, options);
  await personify.request("GET", whoami, options);
  await failureOf(
    (async () => void (await personify.paginate(whoami, options).pages()[Symbol.asyncIterator]().next()))(),
  );
  expect(emulator.requests({ kind: "api" }).map(({ tenantId }) => tenantId)).toEqual(
    Array(3).fill(emulator.credentials.tenantId),
  );
});

describe("transports", () => {
  /** A fetch that records where it was called. */
  function recordingFetch() {
    const urls: string[] = [];
    const recording: typeof fetch = (input, init) => {
      urls.push(new URL(String(input)).pathname);
      return fetch(input, init);
    };
    return { urls, recording };
  }

  test("options.fetch makes token requests and all calls", async () => {
    const { client } = await emulated();
    const { urls, recording } = recordingFetch();
    const personify = client({ fetch: recording });

    await personify.get(whoami);
    await personify.fetch(whoami);
    await personify.with({ headers: { "x-a": "1" } }).get(whoami);

    expect(urls).toEqual(["/connect/token", whoami, whoami, whoami]);
  });

  test("options.fetch behaves as the runtime's own transport does: replay, retry, errors", async () => {
    const { emulator, client } = await emulated();
    const { recording } = recordingFetch();
    const personify = client({ fetch: recording, retry: quick });
    emulator.faults.add({ on: "api", kind: "reject-token" });
    emulator.faults.add({ on: "api", kind: "reset" });
    emulator.faults.add({ on: "api", kind: "status", status: 409, body: { a: 1 } });

    await expect(personify.get(whoami)).rejects.toMatchObject({ response: { status: 409, data: { a: 1 } } });

    expect(emulator.requests({ kind: "api" }).map(({ fault }) => fault)).toEqual([
      "reject-token",
      "reset",
      "status",
    ]);
  });

  test("a dispatcher makes token requests and all calls", async () => {
    const { client } = await emulated();
    const paths: string[] = [];
    const agent = new Agent().compose((dispatch) => (options, handler) => {
      paths.push(String(options.path));
      return dispatch(options, handler);
    });
    onTestFinished(() => agent.close());
    const personify = client({ dispatcher: agent });

    await personify.get(whoami);
    await personify.fetch(whoami);

    expect(paths).toEqual(["/connect/token", whoami, whoami]);
  });

  const settings: PersonifyClientOptions = {
    clientId: "id",
    clientSecret: "secret",
    apiBaseUrl: "https://api.example.org",
    tokenUrl: "https://login.example.org/token",
    tenantId: "tenant-1",
  };

  function mockAgent(): MockAgent {
    const agent = new MockAgent();
    agent.disableNetConnect();
    onTestFinished(() => agent.close());
    agent
      .get("https://login.example.org")
      .intercept({ path: "/token", method: "POST" })
      .reply(200, { access_token: "mocked", token_type: "Bearer", expires_in: 3600 });
    agent
      .get("https://api.example.org")
      .intercept({ path: "/a", headers: { authorization: "Bearer mocked", "x-tenant-id": "tenant-1" } })
      .reply(200, { from: "the mock" })
      .times(2);
    return agent;
  }

  test("a MockAgent given as dispatcher answers token requests, calls and fetch", async () => {
    const agent = mockAgent();
    const personify = createPersonifyClient({ ...settings, dispatcher: agent });

    expect(await personify.get("/a")).toEqual({ from: "the mock" });
    expect(await (await personify.fetch("/a")).json()).toEqual({ from: "the mock" });
    agent.assertNoPendingInterceptors();
  });

  test("a MockAgent set as global dispatcher after the client was made is used", async () => {
    const personify = createPersonifyClient(settings);
    const before = getGlobalDispatcher();
    onTestFinished(() => setGlobalDispatcher(before));
    const agent = mockAgent();
    setGlobalDispatcher(agent);

    expect(await personify.get("/a")).toEqual({ from: "the mock" });
    expect(await (await personify.fetch("/a")).json()).toEqual({ from: "the mock" });
    agent.assertNoPendingInterceptors();
  });
});

describe("an event listener", () => {
  test("that throws or whose promise rejects breaks no call", async () => {
    const { emulator, client } = await emulated();
    const listeners: ((event: PersonifyEvent) => void)[] = [
      () => {
        throw new Error("listener");
      },
      async () => {
        throw new Error("listener");
      },
    ];

    for (const onEvent of listeners) {
      emulator.faults.add({ on: "token", kind: "status", status: 503, retryAfter: 0 });
      emulator.faults.add({ on: "api", kind: "reject-token" });
      emulator.faults.add({ on: "api", kind: "status", status: 503 });
      const called = vi.fn(onEvent);
      await client({ onEvent: called, retry: quick }).get(whoami);
      expect(called.mock.calls.length).toBeGreaterThan(4);
    }
    // An unhandled rejection would fail the run.
    await sleep(1);
  });

  test("is told of the token, the rejection, the replay and the retry", async () => {
    const { emulator, client } = await emulated();
    emulator.faults.add({ on: "api", kind: "reject-token" });
    emulator.faults.add({ on: "api", kind: "status", status: 503 });
    const events: PersonifyEvent[] = [];

    await client({ onEvent: (event) => events.push(event), retry: quick }).get(whoami);

    expect(events.map(({ type }) => type)).toEqual([
      "token_requested",
      "token_received",
      "token_rejected",
      "token_requested",
      "token_received",
      "call_replayed",
      "call_retried",
    ]);
  });

  test.each<[string, "html" | "stall" | undefined, { abortAfter?: number; timeout?: number }, object]>([
    ["with an error of the API", undefined, {}, { status: 403, code: "api_error" }],
    ["with an answer that is no JSON", "html", {}, { status: 200, code: "response_invalid" }],
    ["with no answer in time", "stall", { timeout: 20 }, { code: "request_timeout" }],
    ["by its caller", "stall", { abortAfter: 20 }, { code: "aborted" }],
  ])(
    "is told of a call that ends %s, by its template",
    async (_how, kind, { abortAfter, timeout }, expected) => {
      const { emulator, client } = await emulated();
      if (kind !== undefined) emulator.faults.add({ on: "api", kind });
      const events: PersonifyEvent[] = [];

      const failure = await failureOf(
        client({ onEvent: (event) => events.push(event) }).get("/api/v1/nowhere/{id}?of={of}", {
          path: { id: "id-4711", of: "of-4711" },
          tenantId: otherTenant,
          timeout,
          signal: abortAfter === undefined ? undefined : AbortSignal.timeout(abortAfter),
        }),
      );

      expect(failure).toBeInstanceOf(Error);
      const last = events.at(-1);
      expect(last).toEqual({
        type: "call_failed",
        keyId: (events[0] as { keyId: string }).keyId,
        tenantId: otherTenant,
        method: "GET",
        path: "/api/v1/nowhere/{id}",
        duration: expect.any(Number),
        status: undefined,
        ...expected,
      });
      expect(last?.type === "call_failed" && last.duration).toBeGreaterThan(0);
    },
  );

  test("is told of no call that was wrong before anything was sent", async () => {
    const { client } = await emulated();
    const onEvent = vi.fn();

    await failureOf(client({ onEvent }).get("//elsewhere.example"));

    expect(onEvent).not.toHaveBeenCalled();
  });
});

describe("what the caller changes after a call", () => {
  test("does not change the pages that are still to come", async () => {
    const { emulator, client } = await emulated();
    const { id: eventId } = emulator.tenants[0]?.events[0] ?? { id: "" };
    const options = {
      path: { eventId },
      tenantId: emulator.credentials.tenantId,
      headers: { "x-asked-by": "the caller" },
    };
    const pages = client().paginate("/api/v1/exhibitor/event/{eventId}", options);
    const url = new URL(`${emulator.apiBaseUrl}/api/v1/exhibitor/event/${eventId}`);
    const morePages = client().paginate(url);
    options.tenantId = "another-tenant";
    options.path.eventId = "another-event";
    options.headers["x-asked-by"] = "another";
    url.pathname += "/elsewhere";

    let items = 0;
    for await (const _ of pages) items++;
    const headers = emulator.requests({ kind: "api" }).map((request) => request.headers);
    for await (const _ of morePages) items++;

    expect(items).toBe(280);
    expect(new Set(headers.map((each) => each["x-tenant-id"]))).toEqual(
      new Set([emulator.credentials.tenantId]),
    );
    expect(new Set(headers.map((each) => each["x-asked-by"]))).toEqual(new Set(["the caller"]));
  });

  test("does not change a call whose body is still being read", async () => {
    const { client } = await emulated();
    const options: { signal?: AbortSignal; timeout?: number } = {};
    const call = client().post(whoami, new Blob(["a note"]), options);
    options.signal = AbortSignal.abort();
    options.timeout = Number.NaN;
    expect(await failureOf(call)).toBeInstanceOf(ApiError);
  });

  const bodies: Record<string, () => [body: NonNullable<RequestInit["body"]>, change: () => unknown]> = {
    bytes: () => {
      const bytes = new TextEncoder().encode("as it was");
      return [bytes.subarray(1), () => bytes.fill(0)];
    },
    "an ArrayBuffer": () => {
      const bytes = new TextEncoder().encode("as it was");
      return [bytes.buffer, () => bytes.fill(0)];
    },
    URLSearchParams: () => {
      const parameters = new URLSearchParams("as=it+was");
      return [parameters, () => parameters.append("and", "more")];
    },
    FormData: () => {
      const form = new FormData();
      form.append("file", new File(["as it was"], "name.txt"));
      return [form, () => form.append("and", "more")];
    },
  };

  test.each(Object.keys(bodies))("does not change %s that wait for a token", async (kind) => {
    const { client } = await emulated();
    const api = await recordingServer();
    for (const way of ["post", "fetch"] as const) {
      const personify = client({ apiBaseUrl: api.url });
      const [body, change] = bodies[kind]?.() ?? [];
      const call =
        way === "post"
          ? personify.post("/a", body)
          : personify.fetch("/a", { method: "POST", body: body ?? null });
      change?.();
      await call;
    }

    for (const { body } of api.requests) expect(body).toMatch(/it.was/);
    for (const { body } of api.requests) expect(body).not.toContain("more");
    expect(api.requests).toHaveLength(2);
  });

  test("an option that answers differently the second time is used as it was checked", async () => {
    const { client } = await emulated();
    const personify = client();
    const optionsWith = (...answers: unknown[]) => ({
      get signal() {
        return answers.shift() as AbortSignal;
      },
    });
    const { signal } = new AbortController();
    await personify.get(whoami, optionsWith(signal, "no signal"));
    await personify.getAccessToken(optionsWith(signal, "no signal"));
  });

  test("a setting that answers differently the second time is used as it was checked", async () => {
    const { emulator, client } = await emulated();
    const answers = [emulator.credentials.tenantId, "another-tenant"];
    const overrides = {
      get tenantId() {
        return answers.shift();
      },
    };
    await client({ tenantId: undefined }).with(overrides).get(whoami);
    expect(emulator.requests({ kind: "api" })[0]?.tenantId).toBe(emulator.credentials.tenantId);
  });
});

test.each([{}, "signal", null, 7])(
  "a signal that is none, %j, is refused before anything is sent",
  async (signal) => {
    const { emulator, client } = await emulated();
    await expect(client().get(whoami, { signal: signal as never })).rejects.toThrow(/Option signal/);
    expect(() => client().with({ signal: signal as never })).toThrow(/Option signal/);
    expect(emulator.requests()).toEqual([]);
  },
);

test("the signal of with() ends a call whose Request never finishes its body", async () => {
  const { emulator, client } = await emulated();
  const controller = new AbortController();
  const body = new ReadableStream();
  const request = new Request(`${emulator.apiBaseUrl}/x`, { method: "POST", body, duplex: "half" });
  const call = client().with({ signal: controller.signal }).fetch(request);
  const reason = new Error("the end user hung up");
  setImmediate(() => controller.abort(reason));
  expect(await failureOf(call)).toBe(reason);
});

test("one tenant's persistent 401 beside another's 403 starts no storm of token requests", async () => {
  const { emulator, client } = await emulated();
  const server = await recordingServer((request, response) => {
    response.statusCode = request.header("x-tenant-id")[0] === "a" ? 401 : 403;
    response.end("{}");
  });
  const personify = client({ apiBaseUrl: server.url, retry: false });
  for (let call = 0; call < 20; call++) {
    await failureOf(personify.get("/x", { tenantId: "a" }));
    await failureOf(personify.get("/x", { tenantId: "b" }));
  }
  expect(emulator.requests({ kind: "token" })).toHaveLength(2);
});
