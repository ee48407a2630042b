import type { Adapter } from "./adapter.ts";
import type { HostAnswer, HostRequest, StartedApp } from "./app/app-host.ts";
import type { Witness } from "./app/witness.ts";

/** The suite's end of a host: `ask` brings a request to where the apps run. */
export function hostClient(
  ask: (request: HostRequest) => Promise<HostAnswer>,
): Pick<Adapter, "start" | "tell"> {
  return {
    async start(app): Promise<StartedApp> {
      const answer = await ask({ do: "start", app });
      if ("error" in answer)
        throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
      const { key, url } = answer as Extract<HostAnswer, { key: number }>;
      return { url, close: async () => void (await ask({ do: "close", key })) };
    },
    tell: async () => (await ask({ do: "tell" })) as Witness,
  };
}
