import { decodeProtectedHeader } from "jose";
import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AuthorizationServer, type ClientCredentials, startAuthorizationServer } from "./index.ts";

const insecure = { [oauth.allowInsecureRequests]: true };
const scope = "idp_api";
const TENANT = { "X-Tenant-Id": "tenant-1" };

let server: AuthorizationServer;
let metadata: oauth.AuthorizationServer;

beforeAll(async () => {
  server = await startAuthorizationServer();
  const issuer = new URL(server.issuer);
  metadata = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
});

afterAll(() => server.close());

const methods = [
  { name: "post", authenticate: oauth.ClientSecretPost },
  { name: "basic", authenticate: oauth.ClientSecretBasic },
] as const;

describe.each(methods)("a client_secret_$name client", ({ name, authenticate }) => {
  test.each(["jwt", "opaque"] as const)("gets a token (%s) that the API takes", async (format) => {
    const { clientId, clientSecret } = server.clients[name];
    const resource = server.resources[format];
    const token = await grant(server.clients[name], authenticate(clientSecret), { resource, scope });

    expect(token).toMatchObject({ token_type: "bearer", expires_in: 3600, scope: "idp_api" });
    if (format === "jwt") expect(decodeProtectedHeader(token.access_token).typ).toBe("at+jwt");
    else expect(token.access_token).not.toContain(".");

    const response = await callApi("/api/v1/whoami", token.access_token);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ clientId, tenantId: "tenant-1", tokenFormat: format });
  });

  test("is refused with a wrong secret: 401 invalid_client", async () => {
    const response = await requestToken(server.clients[name], authenticate("wrong"), { scope });

    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: "invalid_client",
      error_description: "client authentication failed",
    });
    // oidc-provider challenges only those who sent an Authorization header.
    if (name === "basic") expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic realm=/);
    else expect(response.headers.get("WWW-Authenticate")).toBeNull();
  });
});

test("a client that is registered for one method may use the other", async () => {
  const { post, basic } = server.clients;

  const byBasic = await requestToken(post, oauth.ClientSecretBasic(post.clientSecret), { scope });
  const byPost = await requestToken(basic, oauth.ClientSecretPost(basic.clientSecret), { scope });

  expect([byBasic.status, byPost.status]).toEqual([200, 200]);
});

test("without a resource the token is a JWT", async () => {
  const { post } = server.clients;
  const token = await grant(post, oauth.ClientSecretPost(post.clientSecret), { scope });

  expect(token.scope).toBe("idp_api");
  expect(decodeProtectedHeader(token.access_token).typ).toBe("at+jwt");
});

test("an unknown resource is 400 invalid_target", async () => {
  const { post } = server.clients;
  const parameters = { scope, resource: "urn:elsewhere" };
  const response = await requestToken(post, oauth.ClientSecretPost(post.clientSecret), parameters);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: "invalid_target" });
});

test("a scope that the client is not allowed is 400 invalid_scope", async () => {
  const { post } = server.clients;
  const parameters = { scope: "openid" };
  const response = await requestToken(post, oauth.ClientSecretPost(post.clientSecret), parameters);

  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: "invalid_scope" });
});

test.each([
  ["unknown", { scope: "unknown" }],
  ["left out", {}],
])(
  "a scope that is %s gives a token without scope, which the API answers with 403",
  async (_name, parameters) => {
    const { post } = server.clients;
    const token = await grant(post, oauth.ClientSecretPost(post.clientSecret), parameters);
    expect(token.scope).toBeUndefined();

    const response = await callApi("/api/v1/whoami", token.access_token);

    expect(response.status).toBe(403);
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer error="insufficient_scope"');
  },
);

test("every POST to the token endpoint is counted, and nothing else", async () => {
  const { basic } = server.clients;
  const before = server.tokenRequests();

  const resource = server.resources.opaque;
  const { access_token } = await grant(basic, oauth.ClientSecretBasic(basic.clientSecret), {
    resource,
    scope,
  });
  await callApi("/api/v1/whoami", access_token);
  await requestToken(basic, oauth.ClientSecretBasic("wrong"), { scope });

  await (await fetch(server.tokenUrl)).text();

  expect(server.tokenRequests() - before).toBe(2);
});

describe("the API", () => {
  let jwt: string;
  let opaque: string;

  beforeAll(async () => {
    const { post } = server.clients;
    const authentication = oauth.ClientSecretPost(post.clientSecret);
    const { resources } = server;
    jwt = (await grant(post, authentication, { scope, resource: resources.jwt })).access_token;
    opaque = (await grant(post, authentication, { scope, resource: resources.opaque })).access_token;
  });

  test("pages the exhibitors of an event", async () => {
    const path = "/api/v1/exhibitor/event/expo%201?Page=2&ItemsPerPage=5";
    const body = (await (await callApi(path, jwt)).json()) as { data: unknown[] };

    expect(body).toMatchObject({
      paginationMetadata: {
        currentPage: 2,
        totalCount: 12,
        totalPages: 3,
        hasPreviousPage: true,
        hasNextPage: true,
        itemsPerPage: 5,
      },
    });
    expect(body.data).toHaveLength(5);
    expect(body.data[0]).toEqual({
      exhibitorId: "expo 1-6",
      companyName: "Exhibitor 6",
      booth: "105",
      country: "DE",
      eventId: "expo 1",
      tenantId: "tenant-1",
    });
  });

  test("challenges a request without a token", async () => {
    const response = await fetch(`${server.apiBaseUrl}/api/v1/whoami`, { headers: TENANT });

    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe("Bearer");
  });

  test.each([
    ["an unknown opaque token", () => "unknown"],
    ["a JWT whose signature is broken", () => `${jwt.slice(0, -10)}${"A".repeat(10)}`],
  ])("refuses %s", async (_name, token) => {
    const response = await callApi("/api/v1/whoami", token());

    expect(response.status).toBe(401);
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer error="invalid_token"');
  });

  test("refuses an opaque token once it is revoked", async () => {
    const { post } = server.clients;
    const authentication = oauth.ClientSecretPost(post.clientSecret);
    const resource = server.resources.opaque;
    const { access_token } = await grant(post, authentication, { scope, resource });
    expect((await callApi("/api/v1/whoami", access_token)).status).toBe(200);

    const client = { client_id: post.clientId };
    const revocation = await oauth.revocationRequest(
      metadata,
      client,
      authentication,
      access_token,
      insecure,
    );
    await oauth.processRevocationResponse(revocation);

    expect((await callApi("/api/v1/whoami", access_token)).status).toBe(401);
  });

  test("refuses a token of another server", async () => {
    const other = await startAuthorizationServer();
    try {
      for (const token of [jwt, opaque]) {
        expect((await callApi("/api/v1/whoami", token, other)).status).toBe(401);
      }
    } finally {
      await other.close();
    }
  });

  test("answers 400 without X-Tenant-Id", async () => {
    const headers = { Authorization: `Bearer ${opaque}` };
    const response = await fetch(`${server.apiBaseUrl}/api/v1/whoami`, { headers });

    expect(response.status).toBe(400);
  });

  test("remembers what it was asked and how it answered", async () => {
    await callApi("/api/v1/whoami?x=1", opaque);
    await callApi("/api/v1/whoami", "unknown");

    const shared = { method: "GET", tenantId: "tenant-1", tokenFormat: "opaque" };
    expect(server.apiRequests().slice(-2)).toEqual([
      { ...shared, path: "/api/v1/whoami?x=1", status: 200, clientId: "post-client" },
      { ...shared, path: "/api/v1/whoami", status: 401, clientId: undefined },
    ]);
  });
});

test("close ends connections that are kept alive", async () => {
  const other = await startAuthorizationServer();
  await (await fetch(`${other.apiBaseUrl}/api/v1/whoami`)).text();

  await other.close();

  await expect(fetch(other.tokenUrl)).rejects.toThrow();
});

/** Parameters of a token request; those that are undefined are left out. */
interface Parameters {
  resource?: string;
  scope?: string;
}

function requestToken(
  { clientId }: ClientCredentials,
  authentication: oauth.ClientAuth,
  parameters: Parameters,
): Promise<Response> {
  const client = { client_id: clientId };
  return oauth.clientCredentialsGrantRequest(metadata, client, authentication, { ...parameters }, insecure);
}

async function grant(
  credentials: ClientCredentials,
  authentication: oauth.ClientAuth,
  parameters: Parameters,
): Promise<oauth.TokenEndpointResponse> {
  const response = await requestToken(credentials, authentication, parameters);
  return oauth.processClientCredentialsResponse(metadata, { client_id: credentials.clientId }, response);
}

async function callApi(path: string, token: string, { apiBaseUrl } = server): Promise<Response> {
  const headers = new Headers(TENANT);
  try {
    return await oauth.protectedResourceRequest(
      token,
      "GET",
      new URL(path, apiBaseUrl),
      headers,
      null,
      insecure,
    );
  } catch (error) {
    if (error instanceof oauth.WWWAuthenticateChallengeError) return error.response;
    throw error;
  }
}
