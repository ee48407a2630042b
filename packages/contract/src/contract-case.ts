import { setImmediate as nextTurn } from "node:timers/promises";
import type { BaseOptions, PersonifyClient } from "@personify-auth/core";
import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { expect, vi } from "vitest";
import type { Adapter, ContractApp, Environment, Mount, Route } from "./contract-app.ts";
import { type Answer, type GetOptions, httpGet } from "./http-get.ts";
import { startUpstream, type Upstream } from "./recording-upstream.ts";

/** One thing that every adapter has to do. `run` rejects where it does not. */
export interface ContractCase {
  readonly group: string;
  readonly name: string;
  /** Only for frameworks that know this environment. */
  readonly environment?: Environment;
  readonly run: (adapter: Adapter) => Promise<void>;
}

/** What whoami of the emulator answers. */
export interface Whoami {
  readonly tenantId: string;
  readonly clientId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a case works with. All that it starts ends with the case. */
export interface Workbench {
  readonly adapter: Adapter;
  emulator(): Promise<Emulator>;
  upstream(before?: Parameters<typeof startUpstream>[0]): Promise<Upstream>;
  /** Starts an app and gives its address. */
  serve(app: Partial<ContractApp> & Pick<ContractApp, "mounts" | "routes">): Promise<string>;
  get(url: string, options?: GetOptions): Promise<Answer>;
  /** The JSON of an answer with status 200. */
  json<T>(url: string, options?: GetOptions): Promise<T>;
  /** What `happening` resolves to; fails where that takes as long as no answer may. */
  soon<T>(happening: Promise<T>): Promise<T>;
  /** Fails where the emulator got, or is about to get, a token request or a call. */
  expectNothingSent(emulator: Emulator): void;
  /** All that was printed with `console.error`. */
  printed(): string;
}

/** Makes a case of a group. It also fails for a rejection that nobody handles. */
export function contractCase(
  group: string,
  name: string,
  test: (bench: Workbench) => Promise<void>,
  environment?: Environment,
): ContractCase {
  const run = async (adapter: Adapter) => {
    const closing: (() => Promise<void>)[] = [];
    const printing = vi.spyOn(console, "error").mockImplementation(() => {});
    const rejections = catchUnhandledRejections();
    try {
      await test(workbench(adapter, closing, () => printing.mock.calls.flat().map(String).join("\n")));
      // Node tells of a rejection once the microtasks of its turn are done.
      await nextTurn();
      expect(rejections.caught, "unhandled rejections").toEqual([]);
    } finally {
      for (const close of closing.reverse()) await close();
      await nextTurn();
      rejections.release();
      printing.mockRestore();
    }
  };
  return environment === undefined ? { group, name, run } : { group, name, environment, run };
}

function workbench(adapter: Adapter, closing: (() => Promise<void>)[], printed: () => string): Workbench {
  const kept = async <T extends { readonly close: () => Promise<void> }>(starting: Promise<T>) => {
    const started = await starting;
    closing.push(() => started.close());
    return started;
  };
  const { patienceMs = 15_000 } = adapter;
  const get = (url: string, options?: GetOptions) => httpGet(url, patienceMs, options);
  return {
    adapter,
    emulator: () => kept(startEmulator()),
    upstream: (before) => kept(startUpstream(before)),
    async serve(app) {
      const defaults = { environment: "production", authenticationHeader: undefined } as const;
      const passesErrorsOn = !adapter.capabilities.seesAsyncThrows;
      return (await kept(adapter.start({ ...defaults, passesErrorsOn, ...app }))).url;
    },
    get,
    async json<T>(url: string, options?: GetOptions) {
      const answer = await get(url, options);
      expect(answer.status, answer.text).toBe(200);
      return JSON.parse(answer.text) as T;
    },
    async soon(happening) {
      const tooLate = Promise.withResolvers<never>();
      const timer = setTimeout(() => tooLate.reject(new Error("It has not happened")), patienceMs);
      return await Promise.race([happening, tooLate.promise]).finally(() => clearTimeout(timer));
    },
    expectNothingSent(emulator) {
      // A token request under way has asked for the secret, even where it has not arrived yet.
      expect(secretsAsked.get(emulator) ?? 0, "token requests begun").toBe(0);
      expect(emulator.requests()).toEqual([]);
    },
    printed,
  };
}

/** Takes over from the test runner, for which any of them would be a failure of the whole run. */
function catchUnhandledRejections() {
  const caught: unknown[] = [];
  const others = process.listeners("unhandledRejection");
  const listener = (reason: unknown) => void caught.push(reason);
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listener);
  return {
    caught,
    release() {
      process.off("unhandledRejection", listener);
      for (const other of others) process.on("unhandledRejection", other);
    },
  };
}

export const whoamiPath = "/api/v1/whoami";

/** How often the clients of an upstream have asked for their secret, which they do for each token request. */
const secretsAsked = new WeakMap<object, number>();

/** Options for a client of an upstream, quick to fail. */
export function optionsFor(
  upstream: { readonly tokenUrl: string; readonly apiBaseUrl: string },
  credentials = { clientId: "a-client", clientSecret: "a-secret" },
): BaseOptions {
  const { tokenUrl, apiBaseUrl } = upstream;
  const { clientId } = credentials;
  const clientSecret = () => {
    secretsAsked.set(upstream, (secretsAsked.get(upstream) ?? 0) + 1);
    return credentials.clientSecret;
  };
  return { clientId, clientSecret, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback", retry: false };
}

/** A mount for the emulator's default client and its first tenant. */
export function emulatorMount(emulator: Emulator): Mount {
  const tenant = { from: "option", tenantId: emulator.credentials.tenantId } as const;
  return { options: optionsFor(emulator, emulator.credentials), tenant };
}

/** A route that tells whom the API sees. */
export function whoamiRoute(path = "/"): Route {
  return { path, kind: "json", answer: (client: PersonifyClient) => client.get(whoamiPath) };
}

/** Both tenants of the emulator. */
export function twoTenants(emulator: Emulator): [string, string] {
  const [first, second] = emulator.tenants.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error("The emulator has two tenants");
  return [first, second];
}
