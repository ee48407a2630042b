import { createMiddleware } from "hono/factory";
import type { ClientRegistry } from "./client-registry.ts";
import type { Tenant } from "./data/trade-shows.ts";
import { splitScheme } from "./masking.ts";
import { problem } from "./problem.ts";
import type { EmulatorContext, EmulatorEnv } from "./request-context.ts";
import { tokenId } from "./token-id.ts";
import type { AliveToken, TokenRegistry } from "./token-registry.ts";

/** Lets an API call through when its bearer token (RFC 6750) and its tenant are good. */
export function apiAccess(setup: {
  readonly tenants: readonly Tenant[];
  readonly clients: ClientRegistry;
  readonly tokens: TokenRegistry;
}) {
  const { tenants, clients, tokens } = setup;
  return createMiddleware<EmulatorEnv>(async (c, next) => {
    noteCall(c);
    const bearer = checkBearer(c, tokens);
    if (bearer instanceof Response) return bearer;
    const { entry } = c.env;
    entry.clientId = bearer.clientId;
    if (!bearer.scope.split(" ").includes("idp_api")) {
      const challenge = { "www-authenticate": 'Bearer error="insufficient_scope", scope="idp_api"' };
      return problem(c, 403, "insufficient_scope", "The token lacks the scope idp_api.", challenge);
    }
    const tenantId = entry.headers["x-tenant-id"];
    if (typeof tenantId !== "string" || tenantId === "") {
      return problem(c, 400, "missing_tenant", "Exactly one X-Tenant-Id header is needed.");
    }
    const allowed = clients.find(bearer.clientId)?.tenants ?? [];
    if (!tenants.some((tenant) => tenant.id === tenantId)) {
      return problem(c, 403, "unknown_tenant", "The tenant is unknown.");
    }
    if (allowed !== "all" && !allowed.includes(tenantId)) {
      return problem(c, 403, "tenant_not_allowed", "The client may not call this tenant.");
    }
    c.set("access", { token: bearer, tenantId });
    return next();
  });
}

/** Tenant and token as sent go into the log, whether or not they are good. */
function noteCall(c: EmulatorContext): void {
  const { entry, incoming } = c.env;
  const tenantId = entry.headers["x-tenant-id"];
  if (tenantId !== undefined) entry.tenantId = String(tenantId);
  const token = bearerOf(incoming.headers.authorization);
  if (token !== undefined) entry.tokenId = tokenId(token);
}

function checkBearer(c: EmulatorContext, tokens: TokenRegistry): AliveToken | Response {
  const { entry, incoming } = c.env;
  const { authorization } = entry.headers;
  if (authorization === undefined) {
    const challenge = { "www-authenticate": "Bearer" };
    return problem(c, 401, "missing_token", "An Authorization header is needed.", challenge);
  }
  if (typeof authorization !== "string") {
    const challenge = { "www-authenticate": 'Bearer error="invalid_request"' };
    return problem(c, 400, "invalid_request", "Exactly one Authorization header is needed.", challenge);
  }
  const value = bearerOf(incoming.headers.authorization);
  const checked = value === undefined ? { refused: "No bearer token was sent" } : tokens.check(value);
  if ("token" in checked && c.var.rejectToken !== true) return checked.token;
  const reason = "refused" in checked ? checked.refused : "The token was rejected early";
  const challenge = { "www-authenticate": `Bearer error="invalid_token", error_description="${reason}"` };
  return problem(c, 401, "invalid_token", `${reason}.`, challenge);
}

function bearerOf(authorization: string | undefined): string | undefined {
  const [scheme, credentials] = splitScheme(authorization ?? "");
  return scheme?.toLowerCase() === "bearer" ? credentials : undefined;
}
