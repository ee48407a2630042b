import { hash, timingSafeEqual } from "node:crypto";
import { checkMembers, invalidArgument } from "./invalid-argument.ts";

/** A client of the token endpoint. */
export interface ClientDefinition {
  /** The client identifier. */
  readonly clientId: string;
  /** Its secret; or give `clientSecrets`. */
  readonly clientSecret?: string;
  /** Several secrets, each of them valid: what a rotation looks like halfway. */
  readonly clientSecrets?: readonly string[];
  /** Scopes it may ask for; all of them are granted when a request names none. Default `["idp_api"]`. */
  readonly scopes?: readonly string[];
  /** Whole seconds. Default 3600. */
  readonly tokenLifetime?: number;
  /** Default `"jwt"`. */
  readonly tokenFormat?: "jwt" | "opaque";
  /** Default `["client_credentials"]`; without that one it gets `unauthorized_client`. */
  readonly grantTypes?: readonly string[];
  /** Ids of the tenants whose API it may call. Default `"all"`. */
  readonly tenants?: readonly string[] | "all";
}

/** What `clients.update` changes; a secret given here replaces all earlier ones. */
export type ClientPatch = Omit<ClientDefinition, "clientId">;

/** A client as it stands, without its secrets. */
export interface ClientSettings {
  /** The client identifier. */
  readonly clientId: string;
  /** Scopes it may ask for. */
  readonly scopes: readonly string[];
  /** Whole seconds. */
  readonly tokenLifetime: number;
  /** What its tokens look like. */
  readonly tokenFormat: "jwt" | "opaque";
  /** Grants it may use. */
  readonly grantTypes: readonly string[];
  /** Ids of the tenants whose API it may call. */
  readonly tenants: readonly string[] | "all";
}

/** The clients that the token endpoint knows. Changes work on the next request. */
export interface Clients {
  /** Adds a client. @throws TypeError when a member is wrong or the client exists */
  add(client: ClientDefinition): void;
  /** Changes the given members only. @throws TypeError when a member is wrong or there is no such client */
  update(clientId: string, patch: ClientPatch): void;
  /** Its tokens are refused from now on. @returns whether there was such a client */
  remove(clientId: string): boolean;
  /** All clients, without their secrets. */
  list(): ClientSettings[];
}

/** `Clients` plus what the endpoints need. */
export interface ClientRegistry extends Clients {
  find(clientId: string): ClientSettings | undefined;
  /** The client when the secret is one of its own; compared in constant time. */
  authenticate(clientId: string, secret: string): ClientSettings | undefined;
}

interface StoredClient {
  readonly settings: ClientSettings;
  readonly secretDigests: readonly Buffer[];
}

const PATCH_MEMBERS = [
  "clientSecret",
  "clientSecrets",
  "scopes",
  "tokenLifetime",
  "tokenFormat",
  "grantTypes",
  "tenants",
];
const NOBODY = [digest("")];

export function createClientRegistry(): ClientRegistry {
  const clients = new Map<string, StoredClient>();
  return {
    add(client) {
      checkMembers("client", client, ["clientId", ...PATCH_MEMBERS]);
      const { clientId, ...patch } = client;
      checkText("clientId", clientId);
      if (clients.has(clientId)) throw invalidArgument("clientId", "new", clientId);
      const defaults: ClientSettings = {
        clientId,
        scopes: ["idp_api"],
        tokenLifetime: 3600,
        tokenFormat: "jwt",
        grantTypes: ["client_credentials"],
        tenants: "all",
      };
      const secretDigests = secretsOf(patch);
      if (secretDigests === undefined) throw invalidArgument("clientSecret", "given", undefined);
      clients.set(clientId, { settings: patched(defaults, patch), secretDigests });
    },
    update(clientId, patch) {
      checkMembers("client patch", patch, PATCH_MEMBERS);
      const client = clients.get(clientId);
      if (client === undefined) throw invalidArgument("clientId", "a known client's", clientId);
      clients.set(clientId, {
        settings: patched(client.settings, patch),
        secretDigests: secretsOf(patch) ?? client.secretDigests,
      });
    },
    remove: (clientId) => clients.delete(clientId),
    list: () => Array.from(clients.values(), (client) => client.settings),
    find: (clientId) => clients.get(clientId)?.settings,
    authenticate(clientId, secret) {
      const client = clients.get(clientId);
      const given = digest(secret);
      // Every secret is compared, and one for an unknown client too: the time tells nothing.
      const matches = (client?.secretDigests ?? NOBODY).filter((known) => timingSafeEqual(known, given));
      return matches.length > 0 ? client?.settings : undefined;
    },
  };
}

function patched(settings: ClientSettings, patch: ClientPatch): ClientSettings {
  const { scopes, tokenLifetime, tokenFormat, grantTypes, tenants } = patch;
  if (scopes !== undefined) checkTexts("scopes", scopes);
  if (scopes?.some((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))) {
    throw invalidArgument("scopes", "scope tokens without spaces (RFC 6749 §3.3)", scopes);
  }
  if (tokenLifetime !== undefined && !(Number.isInteger(tokenLifetime) && tokenLifetime >= 1)) {
    throw invalidArgument("tokenLifetime", "whole seconds, 1 or more", tokenLifetime);
  }
  if (tokenFormat !== undefined && tokenFormat !== "jwt" && tokenFormat !== "opaque") {
    throw invalidArgument("tokenFormat", '"jwt" or "opaque"', tokenFormat);
  }
  if (grantTypes !== undefined) checkTexts("grantTypes", grantTypes);
  if (tenants !== undefined && tenants !== "all") checkTexts("tenants", tenants);
  return {
    clientId: settings.clientId,
    scopes: [...(scopes ?? settings.scopes)],
    tokenLifetime: tokenLifetime ?? settings.tokenLifetime,
    tokenFormat: tokenFormat ?? settings.tokenFormat,
    grantTypes: [...(grantTypes ?? settings.grantTypes)],
    tenants: Array.isArray(tenants) ? [...tenants] : (tenants ?? settings.tenants),
  };
}

function secretsOf({ clientSecret, clientSecrets }: ClientPatch): Buffer[] | undefined {
  if (clientSecret !== undefined && clientSecrets !== undefined) {
    throw new TypeError("clientSecret and clientSecrets exclude each other; give one of them");
  }
  if (clientSecret !== undefined) {
    // A message must not show a secret, however wrong it is.
    if (!isText(clientSecret)) throw new TypeError("clientSecret must be text of 1 character or more");
    return [digest(clientSecret)];
  }
  if (clientSecrets === undefined) return undefined;
  if (!Array.isArray(clientSecrets) || clientSecrets.length === 0 || !clientSecrets.every(isText)) {
    throw new TypeError("clientSecrets must be an array of 1 or more secrets");
  }
  return clientSecrets.map(digest);
}

function checkText(name: string, value: unknown): void {
  if (!isText(value)) throw invalidArgument(name, "text of 1 character or more", value);
}

function checkTexts(name: string, value: unknown): void {
  if (!Array.isArray(value) || !value.every(isText)) throw invalidArgument(name, "an array of texts", value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function digest(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}
