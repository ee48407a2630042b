import type { Adapter, RunningApp } from "./adapter.ts";
import type { HostAnswer, HostRequest } from "./app/app-host.ts";
import type { Witness } from "./app/witness.ts";

/** The suite's end of a host: `ask` brings a request to where the apps run, `url` is the address of all of them. */
export function hostClient(
  ask: (request: HostRequest) => Promise<HostAnswer>,
  url?: string,
): Pick<Adapter, "start" | "tell"> {
  return {
    async start(app): Promise<RunningApp> {
      const answer = await ask({ do: "start", app });
      if ("error" in answer)
        throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
      const { key, url: itsUrl = url } = answer as { readonly key: number; readonly url?: string };
      if (itsUrl === undefined) throw new Error("The host has not said where the app is");
      return { url: itsUrl, close: async () => void (await ask({ do: "close", key })) };
    },
    tell: async () => (await ask({ do: "tell" })) as Witness,
  };
}
