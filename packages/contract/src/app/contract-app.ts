import type { BaseOptions } from "@personify-auth/core";
import type { Handler, HandlerName } from "./handlers.ts";

export type Environment = "development" | "production";

/** An app to be built, as data: it is sent to the process or the worker that it runs in. */
export interface AppDescription {
  readonly environment: Environment;
  /** Whether routes have to hand a rejection to the framework, as Express 4 wants it. */
  readonly passesErrorsOn: boolean;
  readonly mounts: readonly Mount[];
  /** The header whose value the authentication middleware takes for the request's authenticated tenant. */
  readonly authenticationHeader?: string | undefined;
  readonly routes: readonly RouteDescription[];
}

/** A GET of exactly this path runs the handler. */
export interface RouteDescription {
  readonly path: string;
  readonly handler: HandlerName;
}

/** One use of the adapter. */
export interface Mount {
  /** Where requests begin that it is for; default all. */
  readonly path?: string;
  readonly client: ClientSettings;
  /** Whether the mount gets a client of core, one for all mounts with these settings, instead of the settings. */
  readonly isShared?: boolean;
  readonly tenant?: TenantRule | undefined;
  readonly allowedTenants?: readonly string[] | undefined;
  readonly forwardHeaders?: readonly string[];
}

/** Options of a client that are data. */
export type ClientSettings = Omit<BaseOptions, "clientSecret" | "clientAuth"> & {
  readonly clientSecret: string;
  /** Only with `isShared`. */
  readonly tenantId?: string;
};

/** Where the tenant of a request comes from. */
export type TenantRule =
  | { readonly from: "option"; readonly tenantId: string | false }
  | { readonly from: "header"; readonly name: string }
  /** The first label of the host's name. */
  | { readonly from: "host" }
  /** What the authentication middleware found. */
  | { readonly from: "authentication" };

/** The app as every framework can build it: the mounts, then an authentication middleware, then the routes. */
export interface ContractApp extends Omit<AppDescription, "routes"> {
  readonly routes: readonly Route[];
}

export type Route = { readonly path: string } & Handler;
