import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { form, getToken, postToken, running } from "./emulator-client.test.support.ts";
import type { Emulator, Profile } from "./index.ts";

const insecure = { [oauth.allowInsecureRequests]: true };

async function grant(emulator: Emulator, clientId: string, auth: oauth.ClientAuth, scope: string) {
  const issuer = new URL(emulator.apiBaseUrl);
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure));
  const client = { client_id: clientId };
  const response = await oauth.clientCredentialsGrantRequest(server, client, auth, { scope }, insecure);
  return oauth.processClientCredentialsResponse(server, client, response);
}

describe.each<Profile>(["identityserver", "rfc6749"])("oauth4webapi, profile %s", (profile) => {
  test.each([
    ["client_secret_post", oauth.ClientSecretPost],
    ["client_secret_basic", oauth.ClientSecretBasic],
  ] as const)("discovers the server and gets a token by %s", async (_name, auth) => {
    const emulator = await running({ profile });
    const { clientId, clientSecret, scope } = emulator.credentials;
    const token = await grant(emulator, clientId, auth(clientSecret), scope);
    expect(token).toMatchObject({ token_type: "bearer", expires_in: 3600, scope: "idp_api" });
  });

  test("sees invalid_client", async () => {
    const emulator = await running({ profile });
    const { clientId, scope } = emulator.credentials;
    const failure = await grant(emulator, clientId, oauth.ClientSecretPost("wrong"), scope).catch(
      (error) => error,
    );
    if (profile === "identityserver") {
      expect(failure).toBeInstanceOf(oauth.ResponseBodyError);
      expect(failure).toMatchObject({ error: "invalid_client", status: 400 });
    } else {
      expect(failure).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
      expect(failure).toMatchObject({ status: 401, cause: [{ scheme: "basic" }] });
    }
  });
});

test("jose verifies the token through the published key: issuer, audience, type, claims", async () => {
  const emulator = await running();
  const token = await getToken(emulator);
  const keys = createRemoteJWKSet(new URL(`${emulator.apiBaseUrl}/.well-known/openid-configuration/jwks`));
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: emulator.apiBaseUrl,
    audience: emulator.apiBaseUrl,
    typ: "at+jwt",
  });
  expect(protectedHeader.alg).toBe("ES256");
  const { clientId } = emulator.credentials;
  expect(payload).toMatchObject({ client_id: clientId, scope: "idp_api", jti: expect.any(String) });
  expect((payload.exp as number) - (payload.iat as number)).toBe(3600);
  const forged = `${token.slice(0, -4)}${token.endsWith("AAAA") ? "BBBB" : "AAAA"}`;
  await expect(jwtVerify(forged, keys)).rejects.toThrow();
});

test("the published key has no private part, and each start makes another one", async () => {
  const jwks = async () =>
    (await fetch(`${(await running()).apiBaseUrl}/.well-known/openid-configuration/jwks`)).json() as Promise<{
      keys: Record<string, string>[];
    }>;
  const [one, other] = [await jwks(), await jwks()];
  expect(one.keys).toHaveLength(1);
  expect(one.keys[0]).not.toHaveProperty("d");
  expect(one.keys[0]?.["x"]).not.toBe(other.keys[0]?.["x"]);
});

test("tokens are new each time; times follow the emulator's clock; resource becomes the audience", async () => {
  const emulator = await running();
  expect(await getToken(emulator)).not.toBe(await getToken(emulator));
  emulator.clock.advance(86_400_000);
  const resource = `${emulator.apiBaseUrl}/`;
  const response = await postToken(emulator, form(emulator.credentials, { resource }));
  const { access_token } = (await response.json()) as { access_token: string };
  const keys = createRemoteJWKSet(new URL(`${emulator.apiBaseUrl}/.well-known/openid-configuration/jwks`));
  const currentDate = new Date(emulator.clock.now());
  const { payload } = await jwtVerify(access_token, keys, { audience: resource, currentDate });
  expect(payload.iat as number).toBeGreaterThan(Date.now() / 1000 + 86_000);
});

test("an opaque token has no structure and works", async () => {
  const emulator = await running();
  emulator.clients.update(emulator.credentials.clientId, { tokenFormat: "opaque" });
  const token = await getToken(emulator);
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(() => decodeProtectedHeader(token)).toThrow();
});
