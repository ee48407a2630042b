import type { BaseOptions, MiddlewareOptions, PersonifyClient } from "@personify-auth/core";

export type Environment = "development" | "production";

/** What a framework can and cannot do. The suite's names state it, and its cases differ by it. */
export interface Capabilities {
  /** Whether a rejected handler reaches the framework by itself. If not, `passesErrorsOn` is set on every app. */
  readonly seesAsyncThrows: boolean;
  /** The settings of its environment that the framework knows; `["production"]` where it knows none. */
  readonly environments: readonly Environment[];
  /** In which of them the answer to an uncaught error shows the error's message and stack. */
  readonly showsErrorsIn: readonly Environment[];
  /** Whether it prints an uncaught `PersonifyError` with `console.error`. */
  readonly printsErrors: boolean;
}

/** An adapter on one version of its framework. */
export interface Adapter {
  /** Builds the app and serves it with the framework's own server, on 127.0.0.1 at a free port. */
  readonly start: (app: ContractApp) => Promise<RunningApp>;
  readonly capabilities: Capabilities;
  /** How long an answer may take before the case fails, in ms. Default 15,000. */
  readonly patienceMs?: number;
}

export interface RunningApp {
  /** Without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** An app as every framework can build it: the mounts, then an authentication middleware, then the routes. */
export interface ContractApp {
  readonly environment: Environment;
  /** Whether routes have to hand a rejection to the framework, as Express 4 wants it. */
  readonly passesErrorsOn: boolean;
  readonly mounts: readonly Mount[];
  /** The header whose value the authentication middleware takes for the request's authenticated tenant. */
  readonly authenticationHeader: string | undefined;
  readonly routes: readonly Route[];
}

/** One use of the adapter. */
export interface Mount {
  /** Where requests begin that it is for; default all. */
  readonly path?: string;
  readonly options: BaseOptions | { readonly client: PersonifyClient };
  readonly tenant?: TenantRule;
  readonly allowedTenants?: readonly string[];
  readonly forwardHeaders?: readonly string[];
}

/** Where the tenant of a request comes from. */
export type TenantRule =
  | { readonly from: "option"; readonly tenantId: string | false }
  | { readonly from: "header"; readonly name: string }
  /** The first label of the host's name. */
  | { readonly from: "host" }
  /** What the authentication middleware found. */
  | { readonly from: "authentication" };

/** What a GET of exactly this path does. */
export type Route = { readonly path: string } & (
  | /** Sends what it resolves to as JSON; its rejection goes the framework's way. */
  { readonly kind: "json"; readonly answer: (client: PersonifyClient) => Promise<unknown> }
  /** The handler throws this before it returns. */
  | { readonly kind: "throw"; readonly error: () => unknown }
  /** Sends each chunk as it comes, as plain text. */
  | { readonly kind: "stream"; readonly chunks: (client: PersonifyClient) => AsyncGenerator<string> }
);

/** What the rules read of a framework's request. */
export interface RequestFacts {
  readonly header: (name: string) => string | undefined;
  /** Without the port. */
  readonly hostname: string;
  /** What the authentication middleware has set, if it has run. */
  readonly authenticatedTenant: string | undefined;
}

/** A mount as the adapter's options. `factsOf` reads the framework's own request. */
export function mountOptions<R>(mount: Mount, factsOf: (request: R) => RequestFacts): MiddlewareOptions<R> {
  const { options, tenant, allowedTenants, forwardHeaders } = mount;
  const tenantId =
    tenant?.from === "option"
      ? tenant.tenantId
      : tenant && ((request: R) => tenantOf(tenant, factsOf(request)));
  return { ...options, tenantId, allowedTenants, forwardHeaders };
}

function tenantOf(rule: Exclude<TenantRule, { from: "option" }>, facts: RequestFacts): string | undefined {
  if (rule.from === "header") return facts.header(rule.name);
  if (rule.from === "host") return facts.hostname.split(".")[0];
  return facts.authenticatedTenant;
}
