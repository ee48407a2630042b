import { join } from "node:path";
import { loadEnvFile } from "node:process";
import { type StartDirectory, toEnvironment } from "app-directory";
import { unstable_DevEnv as DevEnv } from "wrangler";

const folder = join(import.meta.dirname, "..");

/** Starts the app as `wrangler dev` does, on workerd, with the options for its bindings. */
export const startOnWorkerd: StartDirectory = (options) => startWithStorage(false, options);

/** What its Durable Objects store is in the folder `storage`. */
export async function startWithStorage(
  storage: string | false,
  { onError, ...options }: Parameters<StartDirectory>[0],
): ReturnType<StartDirectory> {
  // The command reads it by itself.
  loadEnvFile(join(folder, ".env"));
  const variables = Object.entries(toEnvironment(options));
  const wrangler = new DevEnv();
  // wrangler prints why a build failed, and would then wait for a change.
  const failure = Promise.withResolvers<never>();
  wrangler.once("buildFailed", () => failure.reject(new Error("The app could not be built for workerd")));
  const started = wrangler.startWorker({
    config: join(folder, "wrangler.jsonc"),
    // Instead of .dev.vars, which holds the settings of whoever works here.
    envFiles: [".env"],
    bindings: Object.fromEntries(variables.map(([name, value]) => [name, { type: "plain_text", value }])),
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      watch: false,
      persist: storage,
      logLevel: "error",
      structuredLogsHandler: ({ level, message }: { level: string; message: string }) => {
        if (level === "error") onError(message);
      },
    },
  });
  try {
    const { origin } = await Promise.race([started.then((worker) => worker.url), failure.promise]);
    return { url: origin, close: () => wrangler.teardown() };
  } catch (error) {
    await wrangler.teardown();
    throw error;
  }
}
