import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { Miniflare } from "miniflare";

export interface RunningWorker {
  readonly url: URL;
  readonly stop: () => Promise<void>;
}

export interface WorkerDefinition {
  /** How other workers' `durableObjects` call it. */
  readonly name: string;
  readonly entry: string;
  readonly bindings?: Readonly<Record<string, string>>;
  /** Puts one package in the place of another. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Binding → class, in this worker or in the one that is named. */
  readonly durableObjects?: Readonly<
    Record<string, { readonly className: string; readonly scriptName?: string; readonly useSQLite: boolean }>
  >;
  readonly compatibilityDate?: string;
}

export interface RunningWorkers {
  urlOf(name: string): Promise<URL>;
  /** Removes a Durable Object from memory; what it stored stays. */
  evict(worker: string, className: string, objectName: string): Promise<void>;
  stop(): Promise<void>;
}

const require = createRequire(import.meta.url);
const { version } = JSON.parse(readFileSync(require.resolve("workerd/package.json"), "utf8"));

/** Such as "workerd 1.20260730.1". */
export const workerdName = `workerd ${version}`;

/** Bundles a module worker from source, as a bundler for workerd does, and serves it on 127.0.0.1. */
export async function startWorker(
  entry: string,
  bindings: Readonly<Record<string, string>> = {},
  alias: Readonly<Record<string, string>> = {},
): Promise<RunningWorker> {
  const { urlOf, stop } = await startWorkers([{ name: "worker", entry, bindings, alias }]);
  return { url: await urlOf("worker"), stop };
}

/** Serves several workers in one workerd. What Durable Objects store is in `folder`, or goes as they stop. */
export async function startWorkers(
  workers: readonly WorkerDefinition[],
  folder?: string,
): Promise<RunningWorkers> {
  const workerd = new Miniflare({
    host: "127.0.0.1",
    // Otherwise it asks the network where it is.
    cf: false,
    ...(folder !== undefined && { durableObjectsPersist: folder }),
    workers: await Promise.all(workers.map(optionsOf)),
  });
  await workerd.ready;
  return {
    urlOf: (name) => workerd.unsafeGetDirectURL(name),
    evict: (worker, className, name) => workerd.unsafeEvictDurableObject(worker, className, { name }),
    stop: () => workerd.dispose(),
  };
}

async function optionsOf(worker: WorkerDefinition) {
  const { name, entry, bindings, alias, durableObjects, compatibilityDate = "2026-07-01" } = worker;
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    conditions: ["@personify-auth/source", "workerd", "worker"],
    external: ["cloudflare:workers"],
    alias: { ...alias },
    write: false,
  });
  return {
    name,
    modules: true as const,
    script: outputFiles[0]?.text ?? "",
    compatibilityDate,
    // So that a worker can tell that its client has gone.
    compatibilityFlags: ["enable_request_signal"],
    // The proxy on the usual socket would keep a client's reset to itself.
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    ...(bindings && { bindings }),
    ...(durableObjects && { durableObjects: { ...durableObjects } }),
  };
}
