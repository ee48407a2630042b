import type { AppDescription, ContractApp } from "./contract-app.ts";
import { handlers } from "./handlers.ts";
import { forgetSharedClients } from "./mount-options.ts";
import { type Witness, watch, witness } from "./witness.ts";

/** An app that runs. */
export interface StartedApp {
  /** Without a slash at its end. */
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** What the suite asks of the side where the apps run. */
export type HostRequest =
  | { readonly do: "start"; readonly app: AppDescription }
  | { readonly do: "close"; readonly key: number }
  | { readonly do: "tell" };

/** The answer to each, in the same order. */
export type HostAnswer =
  | { readonly key: number; readonly url: string }
  | { readonly error: { readonly name: string; readonly message: string } }
  | Witness;

/** Builds apps as they are asked for. It answers with an error where one cannot be built. */
export function createAppHost(
  build: (app: ContractApp) => Promise<StartedApp>,
): (request: HostRequest) => Promise<HostAnswer> {
  const running = new Map<number, StartedApp>();
  let started = 0;
  let stopWatching = () => {};

  async function start({ routes, ...described }: AppDescription): Promise<HostAnswer> {
    if (running.size === 0) {
      forgetSharedClients();
      stopWatching();
      stopWatching = watch();
    }
    const app = await build({
      ...described,
      routes: routes.map(({ path, handler }) => ({ path, ...handlers[handler] })),
    });
    const key = ++started;
    running.set(key, app);
    return { key, url: app.url };
  }

  return async (request) => {
    try {
      if (request.do === "start") return await start(request.app);
      if (request.do === "close") {
        await running.get(request.key)?.close();
        running.delete(request.key);
        if (running.size === 0) stopWatching();
      }
      return witness;
    } catch (error) {
      const { name, message } = error as Error;
      return { error: { name, message } };
    }
  };
}
