import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { DirectoryOptions } from "./directory-options.ts";

/** Options that fit environment variables, so that the directory may run in another process. */
export interface StartOptions extends DirectoryOptions {
  personify: Record<"clientId" | "clientSecret" | "tokenUrl" | "apiBaseUrl", string> & {
    allowInsecureHttp: "loopback";
  };
}

/** A directory that end users can visit. */
export interface RunningDirectory {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts a directory on a free port of 127.0.0.1. */
export type StartDirectory = (options: StartOptions) => Promise<RunningDirectory>;

/** A directory on a server of Node's, once it listens. */
export async function runningOn(server: Server): Promise<RunningDirectory> {
  // Not `once` of node:events: this module is part of what is bundled for workerd.
  if (!server.listening) {
    await new Promise((resolve, reject) => server.once("listening", resolve).once("error", reject));
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The options as the environment variables that an app reads where it is started by a command. */
export function toEnvironment({ personify, tenantsByHost }: Omit<StartOptions, "onError">) {
  return {
    PERSONIFY_CLIENT_ID: personify.clientId,
    PERSONIFY_CLIENT_SECRET: personify.clientSecret,
    PERSONIFY_TOKEN_URL: personify.tokenUrl,
    PERSONIFY_API_BASE_URL: personify.apiBaseUrl,
    PERSONIFY_ALLOW_INSECURE_HTTP: personify.allowInsecureHttp,
    TENANTS_BY_HOST: JSON.stringify(Object.fromEntries(tenantsByHost)),
  };
}
