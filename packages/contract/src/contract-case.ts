import { type Emulator, startEmulator } from "@personify-auth/emulator";
import { expect, vi } from "vitest";
import type { Adapter } from "./adapter.ts";
import type {
  AppDescription,
  ClientSettings,
  Environment,
  Mount,
  RouteDescription,
} from "./app/contract-app.ts";
import type { Witness } from "./app/witness.ts";
import { type Answer, type GetOptions, httpGet } from "./http-get.ts";
import { startUpstream, type Upstream } from "./recording-upstream.ts";

/** One thing that every adapter has to do. `run` rejects where it does not. */
export interface ContractCase {
  readonly group: string;
  readonly name: string;
  readonly needs?: Needs | undefined;
  readonly run: (adapter: Adapter) => Promise<void>;
}

/** What a case asks of the framework or the runtime. */
export interface Needs {
  readonly environment?: Environment;
  /** Two apps at once that share memory. */
  readonly twoApps?: boolean;
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
  serve(app: Partial<AppDescription> & Pick<AppDescription, "mounts" | "routes">): Promise<string>;
  get(url: string, options?: GetOptions): Promise<Answer>;
  /** The JSON of an answer with status 200. */
  json<T>(url: string, options?: GetOptions): Promise<T>;
  /** What `happening` resolves to; fails where that takes as long as no answer may. */
  soon<T>(happening: Promise<T>): Promise<T>;
  /** What has happened where the app runs, once that is enough. */
  told(isEnough?: (witness: Witness) => boolean): Promise<Witness>;
  /** Fails where the emulator got, or is about to get, a token request or a call. */
  expectNothingSent(emulator: Emulator): Promise<void>;
}

/** Makes a case of a group. It also fails for a rejection that nobody handles. */
export function contractCase(
  group: string,
  name: string,
  test: (bench: Workbench) => Promise<void>,
  needs?: Needs,
): ContractCase {
  const run = async (adapter: Adapter) => {
    const closing: (() => Promise<void>)[] = [];
    try {
      await test(workbench(adapter, closing));
      expect((await adapter.tell()).unhandled, "unhandled rejections").toEqual([]);
    } finally {
      for (const close of closing.reverse()) await close();
    }
  };
  return { group, name, needs, run };
}

function workbench(adapter: Adapter, closing: (() => Promise<void>)[]): Workbench {
  const kept = async <T extends { readonly close: () => Promise<void> }>(starting: Promise<T>) => {
    const started = await starting;
    closing.push(() => started.close());
    return started;
  };
  const { patienceMs = 60_000 } = adapter;
  const get = (url: string, options?: GetOptions) => httpGet(url, patienceMs, options);
  return {
    adapter,
    emulator: () => kept(startEmulator()),
    upstream: (before) => kept(startUpstream(before)),
    async serve(app) {
      const passesErrorsOn = !adapter.capabilities.seesAsyncThrows;
      return (await kept(adapter.start({ environment: "production", passesErrorsOn, ...app }))).url;
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
    async told(isEnough = () => true) {
      return await vi.waitUntil(
        async () => {
          const witness = await adapter.tell();
          return isEnough(witness) && witness;
        },
        { interval: 5, timeout: patienceMs },
      );
    },
    async expectNothingSent(emulator) {
      // A token request under way has asked for the secret, even where it has not arrived yet.
      expect((await adapter.tell()).secretsAsked, "token requests begun").toBe(0);
      expect(emulator.requests()).toEqual([]);
    },
  };
}

/** Settings for a client of an upstream, quick to fail. */
export function settingsFor(
  upstream: { readonly tokenUrl: string; readonly apiBaseUrl: string },
  credentials = { clientId: "a-client", clientSecret: "a-secret" },
): ClientSettings {
  const { tokenUrl, apiBaseUrl } = upstream;
  const { clientId, clientSecret } = credentials;
  return { clientId, clientSecret, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback", retry: false };
}

/** A mount for the emulator's default client and its first tenant. */
export function emulatorMount(emulator: Emulator): Mount {
  const tenant = { from: "option", tenantId: emulator.credentials.tenantId } as const;
  return { client: settingsFor(emulator, emulator.credentials), tenant };
}

/** A route that tells whom the API sees. */
export function whoamiRoute(path = "/"): RouteDescription {
  return { path, handler: "whoami" };
}

/** Both tenants of the emulator. */
export function twoTenants(emulator: Emulator): [string, string] {
  const [first, second] = emulator.tenants.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error("The emulator has two tenants");
  return [first, second];
}
