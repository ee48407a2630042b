import { invalid, refusePromise, refuseUnknown } from "./check.ts";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import type { ClientOverrides } from "./client-overrides.ts";
import { ConfigurationError, PersonifyError } from "./errors.ts";
import {
  headerValueRule,
  isHeaderName,
  isHeaderValue,
  isTenantId,
  reservedReason,
  tenantIdRule,
} from "./http/call-headers.ts";
import { optionNames, type PersonifyClientOptions } from "./options.ts";

/** How a framework's request becomes a client's tenant and headers. `R` is the framework's request or context. */
export interface RequestBinding<R> {
  /**
   * The tenant of the request's calls: one for all, `false` for none, or a function of the request, called when the
   * client is first used. A function that returns undefined, "" or no valid id means 400 for the end user. Default:
   * the client's own tenant.
   */
  tenantId?: string | false | ((request: R) => string | undefined) | undefined;
  /** The tenants that a function may return, as a list or a test; any other means 403. Default: all. */
  allowedTenants?: readonly string[] | ((tenantId: string) => boolean) | undefined;
  /**
   * Headers of the request to send along, such as `traceparent` or `accept-language`. Credentials, cookies, Host,
   * X-Tenant-Id and hop-by-hop headers are refused. Default: none.
   */
  forwardHeaders?: readonly string[] | undefined;
}

/** Client options without the tenant, which an adapter's binding decides. */
export type BaseOptions = Omit<PersonifyClientOptions, "tenantId">;

/** Options of an adapter: a binding, with either a client to share or the options of a new one. */
export type MiddlewareOptions<R> = RequestBinding<R> & (BaseOptions | { client: PersonifyClient });

/** What workerd hands to a request, as far as it matters here. */
export interface ExecutionContext {
  /** Keeps the request alive until the promise settles. */
  waitUntil(promise: Promise<unknown>): void;
}

/** What an adapter tells about a request. */
export interface IncomingRequest<R> {
  /** The framework's own object, handed to the binding's functions. */
  readonly raw: R;
  /** The value of a header, by its lower-case name. */
  header(name: string): string | undefined;
  /**
   * The request's execution context, on a runtime where work ends with its request unless `waitUntil` keeps it alive
   * (workerd). Called when the client is first used; where it throws, there is none.
   */
  readonly executionCtx?: (() => ExecutionContext) | undefined;
}

/**
 * Reads an adapter's options once, when it is mounted.
 *
 * @throws ConfigurationError for an option that is missing, malformed or unknown.
 */
export function resolveMiddlewareOptions<R>(options: MiddlewareOptions<R>): {
  client: PersonifyClient;
  binding: RequestBinding<R>;
} {
  refusePromise("options", options);
  if (typeof options !== "object" || options === null) throw invalid("options", "an object", options);
  const { tenantId, allowedTenants, forwardHeaders, ...rest } = options;
  const binding = checkBinding<R>({ tenantId, allowedTenants, forwardHeaders });
  if (!("client" in rest)) {
    // Named here with the binding's own, so that a misspelt one finds its right spelling.
    refuseUnknown("", rest, new Set([...bindingNames, "client", ...optionNames]));
    return { client: createPersonifyClient(rest), binding };
  }
  const { client, ...others } = rest;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw new ConfigurationError(
      `Option ${other} belongs to the client; set it where the client is created, or leave out client`,
    );
  }
  if (typeof client?.with !== "function")
    throw invalid("client", "a client made by createPersonifyClient", client);
  return { client, binding };
}

/**
 * The client of one request: its tenant and forwarded headers are worked out at its first call, so a request that
 * never uses it costs nothing. That call rejects with a `PersonifyError` where the request names no tenant or a
 * malformed one (status 400) or one that is not allowed (403).
 */
export function bindRequest<R>(
  client: PersonifyClient,
  binding: RequestBinding<R>,
  request: IncomingRequest<R>,
): PersonifyClient {
  return client.with(() => readOverrides(binding, request));
}

function readOverrides<R>(binding: RequestBinding<R>, request: IncomingRequest<R>): ClientOverrides {
  return {
    tenantId: readTenant(binding, request.raw),
    headers: readForwarded(binding.forwardHeaders ?? [], request),
    waitUntil: readWaitUntil(request),
  };
}

function readWaitUntil<R>({ executionCtx }: IncomingRequest<R>): ClientOverrides["waitUntil"] {
  if (executionCtx === undefined) return undefined;
  try {
    const context = executionCtx();
    return (promise) => context.waitUntil(promise);
  } catch {
    return undefined;
  }
}

function readTenant<R>(binding: RequestBinding<R>, request: R): string | false | undefined {
  if (typeof binding.tenantId !== "function") return binding.tenantId;
  const tenantId = binding.tenantId(request);
  refusePromise("tenantId", tenantId);
  if (tenantId === undefined || tenantId === null || tenantId === "") {
    throw new PersonifyError(
      "The request names no tenant: the tenantId function returned none; check what it reads and what the request holds",
      { code: "request_tenant_missing", status: 400 },
    );
  }
  if (!isTenantId(tenantId)) {
    throw new PersonifyError(`The request's tenant is malformed: expected ${tenantIdRule}`, {
      code: "request_tenant_invalid",
      status: 400,
    });
  }
  if (isAllowed(tenantId, binding.allowedTenants)) return tenantId;
  throw new PersonifyError(
    "The request's tenant is not on allowedTenants; add it there if requests may name it",
    { code: "request_tenant_not_allowed", status: 403 },
  );
}

function isAllowed<R>(tenantId: string, allowedTenants: RequestBinding<R>["allowedTenants"]): boolean {
  if (allowedTenants === undefined) return true;
  if (typeof allowedTenants !== "function") return allowedTenants.includes(tenantId);
  const answer: unknown = allowedTenants(tenantId);
  refusePromise("allowedTenants", answer);
  return answer === true;
}

function readForwarded<R>(names: readonly string[], request: IncomingRequest<R>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of names) {
    checkForwarded(name);
    const value = request.header(name.toLowerCase());
    if (value === undefined || value === "") continue;
    if (!isHeaderValue(value)) {
      throw new PersonifyError(
        `The request's ${name.toLowerCase()} header cannot be forwarded: expected ${headerValueRule}`,
        { code: "request_header_invalid", status: 400 },
      );
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function checkBinding<R>(binding: RequestBinding<R>): RequestBinding<R> {
  const { tenantId, allowedTenants, forwardHeaders } = binding;
  const isTenantOption = tenantId === undefined || tenantId === false || typeof tenantId === "function";
  if (!isTenantOption && !isTenantId(tenantId)) {
    throw invalid("tenantId", `${tenantIdRule}, false, or a function of the request`, tenantId);
  }
  if (allowedTenants !== undefined && typeof allowedTenants !== "function") {
    if (!Array.isArray(allowedTenants) || !allowedTenants.every(isTenantId)) {
      throw invalid("allowedTenants", "an array of tenant ids or a function", allowedTenants);
    }
  }
  if (allowedTenants !== undefined && typeof tenantId !== "function") {
    throw new ConfigurationError(
      "Option allowedTenants: judges what a tenantId function returns; pass one, or leave it out",
    );
  }
  if (forwardHeaders !== undefined && !Array.isArray(forwardHeaders)) {
    throw invalid("forwardHeaders", "an array of header names", forwardHeaders);
  }
  forwardHeaders?.forEach(checkForwarded);
  // Copies: what was checked is what is used, whatever becomes of the caller's lists.
  return {
    tenantId,
    allowedTenants: Array.isArray(allowedTenants) ? [...allowedTenants] : allowedTenants,
    forwardHeaders: forwardHeaders && [...forwardHeaders],
  };
}

function checkForwarded(name: string): void {
  if (typeof name !== "string" || !isHeaderName(name)) throw invalid("forwardHeaders", "header names", name);
  const reason = neverForwarded.get(name.toLowerCase()) ?? reservedReason(name.toLowerCase());
  if (reason === undefined) return;
  throw new ConfigurationError(
    `Option forwardHeaders: ${name} is never forwarded, since ${reason}; leave it out`,
  );
}

const bindingNames = ["tenantId", "allowedTenants", "forwardHeaders"];

/** The end user's own credentials, and what describes the end user's body and not the call's. */
const neverForwarded: ReadonlyMap<string, string> = new Map([
  ["cookie", "it holds the end user's credentials"],
  ["content-type", "it describes the body of the request, not of the call"],
  ["content-encoding", "it describes the body of the request, not of the call"],
  ["expect", "it belongs to the connection"],
]);
