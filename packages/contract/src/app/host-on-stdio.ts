import { createInterface } from "node:readline";
import { createAppHost, type HostRequest, type StartedApp } from "./app-host.ts";
import type { ContractApp } from "./contract-app.ts";

/** Makes this process one that runs apps for the suite: a request and an answer are a line of JSON each. */
export function hostOnStdio(build: (app: ContractApp) => Promise<StartedApp>): void {
  const host = createAppHost(build);
  const lines = createInterface({ input: process.stdin });
  lines.on("line", async (line) => {
    const { id, ...request } = JSON.parse(line) as HostRequest & { readonly id: number };
    process.stdout.write(`${JSON.stringify({ id, answer: await host(request) })}\n`);
  });
  // The suite has gone.
  lines.on("close", () => process.exit());
  process.stdout.write(`${JSON.stringify({ runtime: runtimeName() })}\n`);
}

/** The name and version of what runs this. Bun and Deno name a version of Node too. */
function runtimeName(): string {
  const { bun, deno, node } = process.versions as Partial<Record<string, string>>;
  if (bun !== undefined) return `Bun ${bun}`;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}
