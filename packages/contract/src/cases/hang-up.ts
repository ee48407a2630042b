import { type ClientRequest, get } from "node:http";
import { expect } from "vitest";
import type { HandlerName } from "../app/handlers.ts";
import { type ContractCase, contractCase, settingsFor, whoamiRoute } from "../contract-case.ts";
import type { Echo } from "../recording-upstream.ts";

const group = "an end user who hangs up";

function hangUpCase(name: string, handler: HandlerName, upstreamFails: boolean): ContractCase {
  return contractCase(group, `${name} does not harm the next request`, async (bench) => {
    const called = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const upstream = await bench.upstream(async (incoming) => {
      if (incoming.headers["x-tenant-id"] !== "alice") return;
      called.resolve();
      await release.promise;
      if (upstreamFails) incoming.socket.destroy();
    });
    const url = await bench.serve({
      mounts: [{ client: settingsFor(upstream), tenant: { from: "header", name: "x-tenant" } }],
      routes: [{ path: "/", handler }, { path: "/unaware", handler: "unaware" }, whoamiRoute("/next")],
    });
    // Long enough for the app to see what has happened and to act on it.
    const roundTrip = () => bench.json(`${url}/unaware`);

    const request = get(url, { agent: false, headers: { "x-tenant": "alice" } });
    request.on("error", () => {});
    await bench.soon(called.promise);
    await hangUp(request);
    await roundTrip();
    release.resolve();
    await bench.told(({ settledCalls }) => settledCalls === 1);
    await roundTrip();

    expect((await bench.json<Echo>(`${url}/next`, { headers: { "x-tenant": "bob" } })).tenantId).toBe("bob");
  });
}

async function hangUp(request: ClientRequest): Promise<void> {
  const closed = Promise.withResolvers<void>();
  request.once("close", closed.resolve).destroy();
  await closed.promise;
}

export const hangUpCases: readonly ContractCase[] = [
  hangUpCase("before the upstream answers", "whoami", false),
  hangUpCase("before the upstream fails", "whoami", true),
  hangUpCase("in a stream, before the upstream answers", "streams", false),
  hangUpCase("in a stream, before the upstream fails", "streams", true),
];
