import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

export interface RunningWorker {
  readonly url: URL;
  readonly stop: () => Promise<void>;
}

const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(require.resolve("workerd/package.json"), "utf8"));

/** Such as "workerd 1.20260730.1". */
export const workerdName = `workerd ${version}`;

/**
 * Bundles a module worker from source, as a bundler for workerd does, and serves it on 127.0.0.1. `alias` puts one package in the place of another.
 */
export async function startWorker(
  entry: string,
  bindings: Readonly<Record<string, string>> = {},
  alias: Readonly<Record<string, string>> = {},
): Promise<RunningWorker> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["@personify-auth/source", "workerd", "worker"],
    alias: { ...alias },
    write: false,
  });
  const workerd = new Miniflare({
    modules: true,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
    // So that a worker can tell that its client has gone.
    compatibilityFlags: ["enable_request_signal"],
    host: "127.0.0.1",
    // The proxy on the usual socket would keep a client's reset to itself.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    // Otherwise it asks the network where it is.
    cf: false,
    bindings,
  });
  await workerd.ready;
  return { url: await workerd.unsafeGetDirectURL(), stop: () => workerd.dispose() };
}
