import { type AuthorizationServer, startAuthorizationServer } from "@personify-auth/authorization-server";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { failureOf, times } from "./client.test.support.ts";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import type { PersonifyEvent } from "./events.ts";
import type { PersonifyClientOptions } from "./options.ts";
import { clientSecretBasic, clientSecretPost } from "./token/client-auth.ts";

const whoami = "/api/v1/whoami";
const authMethods = { post: clientSecretPost, basic: clientSecretBasic };
const combinations = (["post", "basic"] as const).flatMap((method) =>
  (["jwt", "opaque"] as const).map((format) => ({ method, format })),
);

let server: AuthorizationServer;

beforeEach(async () => {
  server = await startAuthorizationServer();
});
afterEach(() => server.close());

function connect(
  method: keyof typeof authMethods,
  format: "jwt" | "opaque",
  changes: Partial<PersonifyClientOptions> = {},
): PersonifyClient {
  return createPersonifyClient({
    ...server.clients[method],
    clientAuth: authMethods[method](),
    tokenUrl: server.tokenUrl,
    apiBaseUrl: server.apiBaseUrl,
    tokenParameters: { resource: server.resources[format] },
    tenantId: "tenant-1",
    allowInsecureHttp: "loopback",
    ...changes,
  });
}

describe.each(combinations)(
  "with oidc-provider, client_secret_$method and $format tokens,",
  (combination) => {
    const { method, format } = combination;

    test("calls succeed on one token for all of them", async () => {
      const personify = connect(method, format);

      const [answer] = await times(30, () => personify.get(whoami));
      await personify.fetch(whoami);

      expect(answer).toEqual({
        clientId: server.clients[method].clientId,
        tenantId: "tenant-1",
        tokenFormat: format,
      });
      expect(server.tokenRequests()).toBe(1);
      expect(server.apiRequests().map(({ status }) => status)).toEqual(Array(31).fill(200));
      const token = await personify.getAccessToken();
      expect(token).toMatchObject({ type: "Bearer", scope: "idp_api" });
      expect(token.value.split(".")).toHaveLength(format === "jwt" ? 3 : 1);
      expect(token.expiresAt).toBeGreaterThan(Date.now() + 3_500_000);
    });

    test("a wrong secret is invalid_client, and 50 calls make one token request", async () => {
      const personify = connect(method, format, { clientSecret: "wrong-secret" });

      const first = await failureOf(personify.get(whoami));
      const others = await times(49, () => failureOf(personify.get(whoami)));

      for (const error of [first, ...others]) {
        expect(error).toMatchObject({
          name: "TokenRequestError",
          code: "token_request_refused",
          error: "invalid_client",
          errorDescription: "client authentication failed",
          status: 502,
          retryable: false,
        });
      }
      expect(server.tokenRequests()).toBe(1);
      expect(server.apiRequests()).toEqual([]);
    });
  },
);

describe.each(["post", "basic"] as const)("with oidc-provider and client_secret_%s,", (method) => {
  test("a revoked opaque token is renewed and the call replayed", async () => {
    const events: PersonifyEvent[] = [];
    const personify = connect(method, "opaque", { onEvent: (event) => events.push(event) });
    await personify.get(whoami);
    const token = await personify.getAccessToken();
    const { clientId, clientSecret } = server.clients[method];
    const form = { token: token.value, client_id: clientId, client_secret: clientSecret };
    const revocation = await fetch(`${server.issuer}/connect/revocation`, {
      method: "POST",
      body: new URLSearchParams(form),
    });
    expect(revocation.status).toBe(200);

    const answers = await times(20, () => personify.get(whoami));

    expect(answers).toHaveLength(20);
    expect(server.tokenRequests()).toBe(2);
    expect((await personify.getAccessToken()).value).not.toBe(token.value);
    expect(events.filter(({ type }) => type === "call_replayed")).toHaveLength(
      server.apiRequests().filter(({ status }) => status === 401).length,
    );
    expect(server.apiRequests().filter(({ status }) => status === 200)).toHaveLength(21);
  });
});

test("with oidc-provider, a resource that it does not know is invalid_target", async () => {
  const personify = connect("post", "jwt", { tokenParameters: { resource: "urn:elsewhere" } });

  const failure = await failureOf(personify.get(whoami));

  expect(failure).toMatchObject({ code: "token_request_refused", error: "invalid_target" });
  expect(failure.message).toContain("tokenParameters.resource");
});

test("with oidc-provider, a scope that the client may not have is invalid_scope", async () => {
  const failure = await failureOf(connect("post", "jwt", { scope: "openid" }).get(whoami));

  expect(failure).toMatchObject({ code: "token_request_refused", error: "invalid_scope" });
  expect(failure.message).toContain("scope option");
});

test("with oidc-provider, a token that was granted without its scope is told in an event, and is a 403", async () => {
  const events: PersonifyEvent[] = [];
  const personify = connect("post", "jwt", { scope: "idp_other", onEvent: (event) => events.push(event) });

  await expect(personify.get(whoami)).rejects.toMatchObject({ code: "api_error", response: { status: 403 } });
  expect(server.tokenRequests()).toBe(1);
  expect(server.apiRequests()).toHaveLength(1);
});
