import type { Handler } from "hono";
import type { ClientRegistry, ClientSettings } from "./client-registry.ts";
import type { Profile } from "./options.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import { type TokenError, type TokenErrorCode, tokenFailure, tokenSuccess } from "./token-answer.ts";
import { tokenId } from "./token-id.ts";
import type { TokenRegistry } from "./token-registry.ts";
import { parameterOf, parseTokenRequest, type TokenRequest } from "./token-request.ts";

/** Longer ids and secrets read as absent in the identityserver profile. */
const LONGEST_CREDENTIAL = 100;

interface Setup {
  readonly profile: Profile;
  readonly apiBaseUrl: string;
  readonly clients: ClientRegistry;
  readonly tokens: TokenRegistry;
}

/** POST /connect/token: the client credentials grant (RFC 6749 §4.4). */
export function tokenEndpoint(setup: Setup): Handler<EmulatorEnv> {
  const { profile, tokens } = setup;
  return async (c) => {
    const judged = judge(setup, c);
    if ("error" in judged) {
      c.env.entry.error = judged.error;
      return tokenFailure(profile, judged);
    }
    const { client, scopes, audience } = judged;
    const value = await tokens.issue(client, scopes, audience);
    c.env.entry.tokenId = tokenId(value);
    return tokenSuccess(profile, { value, lifetime: client.tokenLifetime, scope: scopes.join(" ") });
  };
}

interface Grant {
  readonly client: ClientSettings;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
}

/** The client is authenticated before its grant and scope are looked at. */
function judge(setup: Setup, c: EmulatorContext): Grant | TokenError {
  if (c.req.method !== "POST") return { ...refusal("invalid_request", "Only POST"), wrongMethod: true };
  const mediaType = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (mediaType !== "application/x-www-form-urlencoded") {
    return refusal("invalid_request", "The content type must be application/x-www-form-urlencoded");
  }
  if (c.var.body === undefined) return refusal("invalid_request", "The form is too large");
  const request = parseTokenRequest(c.var.body, c.req.header("authorization"));
  const repeated = repeatedParameter(request.parameters);
  if (repeated !== undefined) return refusal("invalid_request", "A parameter is repeated");
  if (request.clientAuthMethod === "multiple") {
    return refusal("invalid_request", "More than one way of client authentication");
  }
  const client = authenticated(setup, request);
  if (client === undefined) return refusal("invalid_client", "Invalid client credentials");
  return granted(setup, client, request.parameters);
}

function authenticated({ profile, clients }: Setup, request: TokenRequest): ClientSettings | undefined {
  const { clientId, clientSecret } = request;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  const tooLong = clientId.length > LONGEST_CREDENTIAL || clientSecret.length > LONGEST_CREDENTIAL;
  if (profile === "identityserver" && tooLong) return undefined;
  return clients.authenticate(clientId, clientSecret);
}

function granted(setup: Setup, client: ClientSettings, parameters: URLSearchParams): Grant | TokenError {
  if (parameterOf(parameters, "grant_type") !== "client_credentials") {
    return refusal("unsupported_grant_type", "The grant_type must be client_credentials");
  }
  const resources = parameters.getAll("resource").filter((resource) => resource !== "");
  const isOurs = (resource: string) => resource === setup.apiBaseUrl || resource === `${setup.apiBaseUrl}/`;
  if (!resources.every(isOurs)) return refusal("invalid_target", "The resource is unknown");
  if (!client.grantTypes.includes("client_credentials")) {
    return refusal("unauthorized_client", "The client may not use this grant");
  }
  const asked = new Set(parameterOf(parameters, "scope")?.split(" ").filter(Boolean) ?? client.scopes);
  const scopes = [...asked];
  if (scopes.length === 0 || !scopes.every((scope) => client.scopes.includes(scope))) {
    return refusal("invalid_scope", "A scope is unknown or not allowed");
  }
  return { client, scopes, audience: resources.length > 0 ? [...new Set(resources)] : [setup.apiBaseUrl] };
}

/** The first parameter given twice (RFC 6749 §3.2); `resource` may be (RFC 8707 §2). */
function repeatedParameter(parameters: URLSearchParams): string | undefined {
  const seen = new Set<string>();
  for (const name of parameters.keys()) {
    if (seen.has(name) && name !== "resource") return name;
    seen.add(name);
  }
  return undefined;
}

function refusal(error: TokenErrorCode, description: string): TokenError {
  return { error, description };
}
