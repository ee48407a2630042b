import { expect, test } from "vitest";
import { callApi, form, getToken, postToken, running } from "./emulator-client.test.support.ts";
import type { ClientDefinition, ClientPatch } from "./index.ts";

test("an added client gets tokens by the documented defaults", async () => {
  const emulator = await running();
  const credentials = { clientId: "c", clientSecret: "s" };
  emulator.clients.add(credentials);
  const response = await postToken(emulator, form(credentials));
  expect(await response.json()).toMatchObject({ expires_in: 3600, scope: "idp_api" });
  expect(emulator.clients.list().at(-1)).toEqual({
    clientId: "c",
    scopes: ["idp_api"],
    tokenLifetime: 3600,
    tokenFormat: "jwt",
    grantTypes: ["client_credentials"],
    tenants: "all",
  });
});

test("a rotation: two secrets are good at once, then the new one only; tokens live on", async () => {
  const emulator = await running();
  const { clientId, clientSecret } = emulator.credentials;
  const status = async (secret: string) =>
    (await postToken(emulator, form({ clientId, clientSecret: secret }))).status;
  const token = await getToken(emulator);
  emulator.clients.update(clientId, { clientSecrets: [clientSecret, "new"] });
  expect([await status(clientSecret), await status("new"), await status("other")]).toEqual([200, 200, 400]);
  emulator.clients.update(clientId, { clientSecret: "new" });
  expect([await status(clientSecret), await status("new")]).toEqual([400, 200]);
  expect((await callApi(emulator, token, "/api/v1/whoami")).status).toBe(200);
});

test("update changes the given members only", async () => {
  const emulator = await running();
  const { clientId } = emulator.credentials;
  emulator.clients.update(clientId, { tokenLifetime: 7 });
  emulator.clients.update(clientId, { scopes: ["idp_api", "more"] });
  const response = await postToken(emulator, form(emulator.credentials));
  expect(await response.json()).toMatchObject({ expires_in: 7, scope: "idp_api more" });
});

test("a removed client is unknown, its tokens are refused, also once it is added again", async () => {
  const emulator = await running();
  const { clientId, clientSecret } = emulator.credentials;
  const token = await getToken(emulator);
  expect(emulator.clients.remove(clientId)).toBe(true);
  expect(emulator.clients.remove(clientId)).toBe(false);
  expect((await postToken(emulator, form(emulator.credentials))).status).toBe(400);
  expect((await callApi(emulator, token, "/api/v1/whoami")).status).toBe(401);
  emulator.clients.add({ clientId, clientSecret });
  expect((await callApi(emulator, token, "/api/v1/whoami")).status).toBe(401);
});

test("no listing shows a secret, and changing what was given in changes nothing", async () => {
  const emulator = await running();
  const scopes = ["idp_api"];
  emulator.clients.add({ clientId: "c", clientSecret: "very-secret", scopes });
  scopes.push("admin");
  expect(JSON.stringify(emulator.clients.list())).not.toContain("very-secret");
  expect(emulator.clients.list().at(-1)?.scopes).toEqual(["idp_api"]);
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ clientId: "" }, /clientId must be text/],
  [{ clientSecret: "" }, /clientSecret must be text/],
  [{ clientSecret: undefined }, /clientSecret must be given/],
  [{ clientSecrets: ["b"] }, /exclude each other/],
  [{ clientSecret: undefined, clientSecrets: [] }, /clientSecrets must be an array/],
  [{ clientSecret: undefined, clientSecrets: ["a", ""] }, /clientSecrets must be an array/],
  [{ scopes: ["a b"] }, /scopes must be/],
  [{ scopes: "idp_api" }, /scopes must be/],
  [{ tokenLifetime: 0 }, /tokenLifetime must be whole seconds, 1 or more; got 0/],
  [{ tokenLifetime: 1.5 }, /tokenLifetime/],
  [{ tokenFormat: "saml" }, /tokenFormat must be "jwt" or "opaque"; got "saml"/],
  [{ grantTypes: [1] }, /grantTypes/],
  [{ tenants: "some" }, /tenants/],
  [{ secret: "s" }, /no member "secret"/],
])("a bad definition %j → TypeError, nothing added or changed", async (changes, message) => {
  const { clients } = await running();
  const before = clients.list();
  const definition = {
    clientId: "c",
    clientSecret: "hidden-secret",
    ...changes,
  } as unknown as ClientDefinition;
  expect(() => clients.add(definition)).toThrow(TypeError);
  expect(() => clients.add(definition)).toThrow(message);
  expect(() => clients.add(definition)).not.toThrow(/hidden-secret/);
  expect(clients.list()).toEqual(before);
});

test("a client that exists is not added, one that does not is not updated", async () => {
  const { clients, credentials } = await running();
  expect(() => clients.add(credentials as never)).toThrow(TypeError);
  const { clientId } = credentials;
  expect(() => clients.add({ clientId, clientSecret: "x" })).toThrow(/clientId must be new/);
  expect(() => clients.update("nobody", {})).toThrow(/clientId must be a known client's; got "nobody"/);
  expect(() => clients.update(clientId, { tokenLifetime: -1 })).toThrow(/tokenLifetime/);
  expect(() => clients.update(clientId, { clientId: "x" } as ClientPatch)).toThrow(/no member "clientId"/);
});
