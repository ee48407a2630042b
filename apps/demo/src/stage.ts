import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Emulator, startEmulator, type Tenant } from "@personify-auth/emulator";
import type { DirectoryOptions } from "app-directory";
import { Agent, request } from "undici";

/** What an end user got. */
export interface Visit {
  readonly status: number;
  readonly body: string;
}

/** A running app with its own client. */
export interface RunningApp {
  readonly url: string;
  /** The errors that its operator saw, as they print. */
  readonly errors: string[];
  /** Asks for a page as an end user of `tenant` does, by the tenant's host name or by a header. */
  visit(path: string, tenant: Tenant, by?: "host" | "header"): Promise<Visit>;
}

/** The emulator, and apps that run against it over HTTP. */
export interface Stage {
  readonly emulator: Emulator;
  /** Starts the app, with the emulator's credentials unless told otherwise. */
  startApp(credentials?: { clientId: string; clientSecret: string }): Promise<RunningApp>;
  close(): Promise<void>;
}

/** The host name under which the demo's app serves a tenant. */
export function hostOf(tenant: Tenant): string {
  return `${tenant.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.example`;
}

/** Starts an app on a free port of 127.0.0.1. */
export type Listen = (options: DirectoryOptions) => Server;

/** Starts the emulator on a free port, and apps as they are asked for. */
export async function openStage(listen: Listen): Promise<Stage> {
  const emulator = await startEmulator();
  const visitors = new Agent({ connections: 200 });
  const closing: (() => Promise<unknown>)[] = [() => emulator.close(), () => visitors.close()];
  const tenantsByHost = new Map(emulator.tenants.map((tenant) => [hostOf(tenant), tenant.id]));

  return {
    emulator,
    async startApp({ clientId, clientSecret } = emulator.credentials) {
      const errors: string[] = [];
      const server = listen({
        personify: {
          clientId,
          clientSecret,
          tokenUrl: emulator.tokenUrl,
          apiBaseUrl: emulator.apiBaseUrl,
          allowInsecureHttp: "loopback",
        },
        tenantsByHost,
        onError: (error) => errors.push(String(error)),
      });
      if (!server.listening) await once(server, "listening");
      closing.unshift(() => {
        server.closeAllConnections();
        return new Promise((resolve) => server.close(resolve));
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      return {
        url,
        errors,
        async visit(path, tenant, by = "host") {
          const headers = by === "host" ? { host: hostOf(tenant) } : { "x-tenant-id": tenant.id };
          const answer = await request(url + path, {
            dispatcher: visitors,
            headers: { accept: "application/json", ...headers },
          });
          return { status: answer.statusCode, body: await answer.body.text() };
        },
      };
    },
    async close() {
      for (const close of closing) await close();
    },
  };
}
