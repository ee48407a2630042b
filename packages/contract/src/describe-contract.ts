import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runtimes, startWorker, workerdName } from "@personify-auth/runtimes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Adapter, Capabilities } from "./adapter.ts";
import type { HostAnswer } from "./app/app-host.ts";
import { controlPath } from "./app/host-in-worker.ts";
import { startAppProcess } from "./app-process.ts";
import { cases } from "./cases/index.ts";
import type { ContractCase } from "./contract-case.ts";
import { hostClient } from "./host-client.ts";

/** An adapter on one version of its framework, or core on its own. */
export interface AdapterVersion {
  readonly framework: string;
  /** The folder of the adapter's package. */
  readonly folder: string;
  /** The name under which the package has the framework in its dependencies; none for core on its own. */
  readonly dependency?: string;
  readonly capabilities: Capabilities;
}

/** The cases that a framework can be held to: all but those that need what it does not have. */
export function casesFor(capabilities: Capabilities): ContractCase[] {
  const { environments, runsTwoApps = true } = capabilities;
  return cases.filter(
    ({ needs }) =>
      (needs?.environment === undefined || environments.includes(needs.environment)) &&
      (needs?.twoApps !== true || runsTwoApps),
  );
}

/**
 * The suite that every adapter has to pass, on each runtime that starts a process. The adapter's
 * `contract-on-server.test.support.ts` calls `hostOnStdio`; its argument is the name of the dependency.
 */
export function describeContractOnServers(adapter: AdapterVersion): void {
  for (const { name: runtime, command, flags } of runtimes) {
    describeContract(adapter, runtime, async () => {
      const script = join(adapter.folder, "contract-on-server.test.support.ts");
      const args = [...flags, script, adapter.dependency ?? ""];
      const { runtime: name, ask, stop } = await startAppProcess(command, args);
      return { name, stop, ...hostClient(ask) };
    });
  }
}

/**
 * The suite on workerd. The adapter's `contract-on-workerd.test.support.ts` exports what `hostInWorker` makes, and
 * imports the framework by its own name. Two apps of a worker have the address of one.
 */
export function describeContractOnWorkerd(adapter: AdapterVersion): void {
  const capabilities = { ...adapter.capabilities, runsTwoApps: false };
  describeContract({ ...adapter, capabilities }, workerdName, async () => {
    const script = join(adapter.folder, "contract-on-workerd.test.support.ts");
    const { url, stop } = await startWorker(script, {}, aliasOf(adapter));
    const control = new URL(controlPath, url);
    const host = hostClient(async (request) => {
      const answer = await fetch(control, { method: "POST", body: JSON.stringify(request) });
      return (await answer.json()) as HostAnswer;
    });
    return { name: workerdName, stop, ...host };
  });
}

/** ms, for a machine that is busy with more. */
const limit = 120_000;

type Host = Pick<Adapter, "start" | "tell"> & { readonly name: string; readonly stop: () => Promise<void> };

function describeContract(adapter: AdapterVersion, runtime: string, open: () => Promise<Host>): void {
  const { capabilities } = adapter;
  describe(`${nameOf(adapter)} on ${runtime} (${stated(capabilities)})`, () => {
    let host: Host;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host?.stop());

    test("runs where it says that it does", () => expect(host.name).toBe(runtime));
    for (const [group, ofGroup] of Map.groupBy(casesFor(capabilities), (each) => each.group)) {
      describe(group, () => {
        for (const { name, run } of ofGroup) test(name, () => run({ ...host, capabilities }), limit);
      });
    }
  });
}

/** Puts an older version of the framework in the place of the one that is imported. */
function aliasOf({ framework, dependency }: AdapterVersion): Record<string, string> {
  const imported = framework.toLowerCase();
  return dependency === undefined || dependency === imported ? {} : { [imported]: dependency };
}

/** Such as "Express 5.3.0". */
function nameOf({ framework, folder, dependency }: AdapterVersion): string {
  if (dependency === undefined) return framework;
  const manifest = readFileSync(join(folder, "../node_modules", dependency, "package.json"), "utf8");
  return `${framework} ${JSON.parse(manifest).version}`;
}

function stated(capabilities: Capabilities): string {
  const parts = Object.entries(capabilities).map(([name, value]) => {
    const shown = Array.isArray(value) ? value.join(" and ") || "none" : String(value);
    return `${name}: ${shown}`;
  });
  return parts.join(", ");
}
