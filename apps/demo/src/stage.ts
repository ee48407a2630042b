import { setTimeout as sleep } from "node:timers/promises";
import { format } from "node:util";
import type { BaseOptions } from "@personify-auth/core";
import { type Emulator, startEmulator, type Tenant } from "@personify-auth/emulator";
import { type StartDirectory, toEnvironment } from "app-directory";
import { Agent, request } from "undici";

type ClientCredentials = Record<"clientId" | "clientSecret", string>;

/** What an end user got. */
export interface Visit {
  /** 0 where no answer came. */
  readonly status: number;
  readonly body: string;
}

/** A running app with its own client. */
export interface RunningApp {
  readonly url: string;
  /** The first error that its operator reads, as it prints; undefined where none comes within 5 s. */
  firstError(): Promise<string | undefined>;
  /** Asks for a page as an end user of `tenant` does, by the tenant's host name or by a header. */
  visit(path: string, tenant: Tenant, by?: "host" | "header"): Promise<Visit>;
}

/** The emulator, and apps that run against it over HTTP. */
export interface Stage {
  readonly emulator: Emulator;
  /** What an app needs that is started by hand, as the shell has it. */
  readonly variables: string;
  /** Starts the app, with the emulator's credentials unless told otherwise. */
  startApp(credentials?: ClientCredentials): Promise<RunningApp>;
  close(): Promise<void>;
}

/** The host name under which the demo's app serves a tenant. */
export function hostOf(tenant: Tenant): string {
  return `${tenant.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.example`;
}

/** Starts the emulator on a free port, and apps as they are asked for, whose clients have `extras` as well. */
export async function openStage(
  start: StartDirectory,
  extras: Pick<BaseOptions, "onEvent" | "aroundCall">,
): Promise<Stage> {
  const emulator = await startEmulator();
  const visitors = new Agent({ connections: 200 });
  const closing: (() => Promise<unknown>)[] = [() => emulator.close(), () => visitors.close()];
  const tenantsByHost = new Map(emulator.tenants.map((tenant) => [hostOf(tenant), tenant.id]));

  const optionsFor = ({ clientId, clientSecret }: ClientCredentials) => ({
    personify: {
      clientId,
      clientSecret,
      tokenUrl: emulator.tokenUrl,
      apiBaseUrl: emulator.apiBaseUrl,
      allowInsecureHttp: "loopback" as const,
      ...extras,
    },
    tenantsByHost,
  });

  return {
    emulator,
    variables: Object.entries(toEnvironment(optionsFor(emulator.credentials)))
      .map(([name, value]) => `${name}='${value}'`)
      .join(" "),
    async startApp(credentials = emulator.credentials) {
      const firstError = Promise.withResolvers<string | undefined>();
      const { url, close } = await start({
        ...optionsFor(credentials),
        onError: (error) => firstError.resolve(format(error)),
      });
      closing.unshift(close);
      return {
        url,
        // It may come after the answer, where the app runs in another process.
        firstError: () => Promise.race([firstError.promise, sleep(5_000, undefined, { ref: false })]),
        async visit(path, tenant, by = "host") {
          const headers = by === "host" ? { host: hostOf(tenant) } : { "x-tenant-id": tenant.id };
          const visit = async () => {
            const answer = await request(url + path, {
              dispatcher: visitors,
              headers: { accept: "application/json", ...headers },
            });
            return { status: answer.statusCode, body: await answer.body.text() };
          };
          return await visit().catch((error) => ({ status: 0, body: String(error) }));
        },
      };
    },
    async close() {
      for (const close of closing) await close();
    },
  };
}
