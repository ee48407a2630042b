import { describe, expect, test } from "vitest";
import { form, postToken, running, type TokenBody } from "./emulator-client.test.support.ts";
import type { Emulator, Profile } from "./index.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const PROFILES: Profile[] = ["identityserver", "rfc6749"];
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});
const formEncoded = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);

async function outcome(response: Response): Promise<[number, string]> {
  return [response.status, ((await response.json()) as { error: string }).error];
}

describe.each(PROFILES)("profile %s", (profile) => {
  const refusedClient = [profile === "rfc6749" ? 401 : 400, "invalid_client"];
  const start = () => running({ profile });

  test("success: members in the service's order, real lifetime and scope", async () => {
    const emulator = await start();
    const response = await postToken(emulator, form(emulator.credentials, { scope: "idp_api" }));
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toMatch(
      /^\{"access_token":"[\w-]+\.[\w-]+\.[\w-]+","expires_in":3600,"token_type":"Bearer","scope":"idp_api"\}$/,
    );
  });

  test("a wrong secret, an unknown client, an empty or a missing one → invalid_client", async () => {
    const emulator = await start();
    for (const changes of [
      { client_secret: "wrong" },
      { client_secret: "" },
      { client_secret: undefined },
      { client_id: "nobody" },
      { client_id: undefined },
      { client_id: undefined, client_secret: undefined },
    ]) {
      const response = await postToken(emulator, form(emulator.credentials, changes));
      expect(response.status).toBe(refusedClient[0]);
      expect(await response.json()).toEqual({
        error: "invalid_client",
        error_description: "Invalid client credentials",
      });
    }
  });

  test("the client is authenticated before its grant and scope are looked at", async () => {
    const emulator = await start();
    const changes = { client_secret: "wrong", grant_type: "password", scope: "nothing", resource: "nothing" };
    const { withoutGrant } = emulator.otherCredentials;
    expect(await outcome(await postToken(emulator, form(withoutGrant, changes)))).toEqual(refusedClient);
  });

  test.each([
    ["unsupported_grant_type", { grant_type: undefined }],
    ["unsupported_grant_type", { grant_type: "password" }],
    ["invalid_scope", { scope: "idp_api billing" }],
    ["invalid_scope", { scope: " " }],
    ["invalid_target", { resource: "https://elsewhere.example" }],
    ["invalid_target", { resource: "not a uri" }],
  ])("%s for %j", async (error, changes) => {
    const emulator = await start();
    expect(await outcome(await postToken(emulator, form(emulator.credentials, changes)))).toEqual([
      400,
      error,
    ]);
  });

  test("unauthorized_client for a client without the grant", async () => {
    const emulator = await start();
    const { withoutGrant } = emulator.otherCredentials;
    expect(await outcome(await postToken(emulator, form(withoutGrant)))).toEqual([
      400,
      "unauthorized_client",
    ]);
  });

  test("another content type → 400 invalid_request; a charset and capitals are no other type", async () => {
    const emulator = await start();
    const body = form(emulator.credentials).toString();
    for (const type of ["application/json", "text/plain", "multipart/form-data"]) {
      const response = await postToken(emulator, body, { "content-type": type });
      expect(await outcome(response)).toEqual([400, "invalid_request"]);
    }
    const type = "Application/X-WWW-Form-URLEncoded; charset=utf-8";
    expect((await postToken(emulator, body, { "content-type": type })).status).toBe(200);
    const untyped = await postToken(emulator, new Blob([body]));
    expect(await outcome(untyped)).toEqual([400, "invalid_request"]);
  });

  test("a repeated parameter → invalid_request, equal values too; resource may repeat (RFC 8707)", async () => {
    const emulator = await start();
    for (const name of ["client_id", "client_secret", "grant_type", "scope", "x"]) {
      const body = form(emulator.credentials, { scope: "idp_api", x: "1" });
      body.append(name, body.get(name) as string);
      expect([name, ...(await outcome(await postToken(emulator, body)))]).toEqual([
        name,
        400,
        "invalid_request",
      ]);
    }
    const body = form(emulator.credentials, { resource: emulator.apiBaseUrl });
    body.append("resource", emulator.apiBaseUrl);
    expect((await postToken(emulator, body)).status).toBe(200);
  });

  test("client_secret_basic: id and secret form-encoded inside base64 (RFC 6749 §2.3.1)", async () => {
    const emulator = await start();
    const [clientId, clientSecret] = ["büro:1 +%", "s:€ +%&=/"];
    emulator.clients.add({ clientId, clientSecret });
    const grant = "grant_type=client_credentials";
    const encoded = basic(formEncoded(clientId), formEncoded(clientSecret));
    expect((await postToken(emulator, grant, { ...FORM, ...encoded })).status).toBe(200);
    const unencoded = basic(clientId, clientSecret);
    expect(await outcome(await postToken(emulator, grant, { ...FORM, ...unencoded }))).toEqual(refusedClient);
    expect((await postToken(emulator, form({ clientId, clientSecret }))).status).toBe(200);
  });

  test.each([
    ["without a colon", Buffer.from("exhibitor-portal").toString("base64")],
    ["with broken percent-encoding", Buffer.from("exhibitor-portal:%E0%A4%A").toString("base64")],
    ["without base64", "***"],
  ])("Basic %s → invalid_client", async (_what, credentials) => {
    const emulator = await start();
    const headers = { ...FORM, authorization: `Basic ${credentials}` };
    expect(await outcome(await postToken(emulator, "grant_type=client_credentials", headers))).toEqual(
      refusedClient,
    );
  });

  test("both ways at once → invalid_request; a client_id that agrees with the header is no second way", async () => {
    const emulator = await start();
    const { clientId, clientSecret } = emulator.credentials;
    const header = basic(clientId, clientSecret);
    const both = form(emulator.credentials);
    expect(await outcome(await postToken(emulator, both, header))).toEqual([400, "invalid_request"]);
    const agrees = form(emulator.credentials, { client_secret: undefined });
    expect((await postToken(emulator, agrees, header)).status).toBe(200);
    const differs = form(emulator.credentials, { client_secret: undefined, client_id: "floorplan-sync" });
    expect(await outcome(await postToken(emulator, differs, header))).toEqual([400, "invalid_request"]);
  });

  test("a scope left out or empty: all that the client may have; one asked for: that one, once", async () => {
    const emulator = await start();
    const { shortLived } = emulator.otherCredentials;
    const scopeFor = async (scope: string | undefined) =>
      ((await (await postToken(emulator, form(shortLived, { scope }))).json()) as TokenBody).scope;
    expect(await scopeFor(undefined)).toBe("idp_api floorplan");
    expect(await scopeFor("")).toBe("idp_api floorplan");
    expect(await scopeFor("floorplan floorplan")).toBe("floorplan");
  });

  test("a body over 64 KiB → 400 invalid_request, with and without a content-length", async () => {
    const emulator = await start();
    const text = form(emulator.credentials, { padding: "x".repeat(70_000) }).toString();
    expect(await outcome(await postToken(emulator, text, FORM))).toEqual([400, "invalid_request"]);
    const body = new Blob([text]).stream();
    const init = { method: "POST", body, headers: FORM, duplex: "half" } as const;
    expect(await outcome(await fetch(emulator.tokenUrl, init))).toEqual([400, "invalid_request"]);
  });
});

describe("identityserver", () => {
  const expectHeaders = (response: Response) => {
    expect(response.headers.get("cache-control")).toBe("no-store, no-cache, max-age=0");
    expect(response.headers.get("pragma")).toBe("no-cache");
    expect(response.headers.get("content-type")).toBe("application/json; charset=UTF-8");
    expect(response.headers.has("www-authenticate")).toBe(false);
  };
  const cases: [string, (emulator: Emulator) => Promise<Response>, number][] = [
    ["success", (emulator) => postToken(emulator, form(emulator.credentials)), 200],
    ["invalid_client", (emulator) => postToken(emulator, form({ clientId: "a", clientSecret: "b" })), 400],
    ["invalid_client by Basic", (emulator) => postToken(emulator, "", { ...FORM, ...basic("a", "b") }), 400],
    ["invalid_scope", (emulator) => postToken(emulator, form(emulator.credentials, { scope: "x" })), 400],
    ["a wrong content type", (emulator) => postToken(emulator, "{}"), 400],
    ["a wrong method", (emulator) => fetch(emulator.tokenUrl), 400],
  ];
  test.each(cases)("%s: same headers, no challenge", async (_what, send, status) => {
    const response = await send(await running());
    expect(response.status).toBe(status);
    expectHeaders(response);
  });

  test.each(["GET", "PUT", "DELETE", "PATCH"])("%s → 400 invalid_request", async (method) => {
    const response = await fetch((await running()).tokenUrl, { method });
    expect(await outcome(response)).toEqual([400, "invalid_request"]);
  });

  test("an id or secret longer than 100 characters reads as absent, one of 100 does not", async () => {
    const emulator = await running();
    const long = "x".repeat(100);
    emulator.clients.add({ clientId: long, clientSecret: long });
    emulator.clients.add({ clientId: `${long}x`, clientSecret: "s" });
    emulator.clients.add({ clientId: "c", clientSecret: `${long}x` });
    const status = async (clientId: string, clientSecret: string) =>
      (await postToken(emulator, form({ clientId, clientSecret }))).status;
    expect(await status(long, long)).toBe(200);
    expect(await status(`${long}x`, "s")).toBe(400);
    expect(await status("c", `${long}x`)).toBe(400);
  });
});

describe("rfc6749", () => {
  test("invalid_client → 401 with a Basic challenge, not to be stored", async () => {
    const emulator = await running({ profile: "rfc6749" });
    const response = await postToken(emulator, form({ clientId: "a", clientSecret: "b" }));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Basic realm="[^"]+"/);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const good = await postToken(emulator, form(emulator.credentials));
    expect(good.headers.get("cache-control")).toBe("no-store");
    expect(good.headers.has("www-authenticate")).toBe(false);
  });

  test.each(["GET", "PUT", "DELETE"])("%s → 405 with Allow", async (method) => {
    const response = await fetch((await running({ profile: "rfc6749" })).tokenUrl, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("long ids and secrets are read", async () => {
    const emulator = await running({ profile: "rfc6749" });
    const [clientId, clientSecret] = ["i".repeat(200), "s".repeat(200)];
    emulator.clients.add({ clientId, clientSecret });
    expect((await postToken(emulator, form({ clientId, clientSecret }))).status).toBe(200);
  });
});
