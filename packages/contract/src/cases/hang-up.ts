import { type ClientRequest, get } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { PersonifyClient } from "@personify-auth/core";
import { expect } from "vitest";
import { type ContractCase, contractCase, optionsFor, whoamiPath, whoamiRoute } from "../contract-case.ts";
import type { Echo } from "../recording-upstream.ts";

const group = "an end user who hangs up";

function hangUpCase(name: string, kind: "json" | "stream", upstreamFails: boolean): ContractCase {
  return contractCase(group, `${name} does not harm the next request`, async (bench) => {
    const called = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    let calls = 0;
    const upstream = await bench.upstream(async (incoming) => {
      calls += 1;
      if (calls > 1) return;
      called.resolve();
      await release.promise;
      if (upstreamFails) incoming.socket.destroy();
    });
    const settled = Promise.withResolvers<void>();
    const call = (client: PersonifyClient) => client.get<Echo>(whoamiPath).finally(() => settled.resolve());
    async function* streamed(client: PersonifyClient) {
      yield "begin ";
      yield JSON.stringify(await call(client));
      yield "end";
    }
    const url = await bench.serve({
      mounts: [{ options: optionsFor(upstream), tenant: { from: "header", name: "x-tenant" } }],
      routes: [
        kind === "json" ? { path: "/", kind, answer: call } : { path: "/", kind, chunks: streamed },
        whoamiRoute("/next"),
      ],
    });

    const request = get(url, { agent: false, headers: { "x-tenant": "alice" } });
    request.on("error", () => {});
    await bench.soon(called.promise);
    await hangUp(request);
    await turns();
    release.resolve();
    await bench.soon(settled.promise);
    await turns();

    expect((await bench.json<Echo>(`${url}/next`, { headers: { "x-tenant": "bob" } })).tenantId).toBe("bob");
    expect(calls).toBe(2);
  });
}

async function hangUp(request: ClientRequest): Promise<void> {
  const closed = Promise.withResolvers<void>();
  request.once("close", closed.resolve).destroy();
  await closed.promise;
}

/** Long enough for the framework to see what has happened and to act on it. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

export const hangUpCases: readonly ContractCase[] = [
  hangUpCase("before the upstream answers", "json", false),
  hangUpCase("before the upstream fails", "json", true),
  hangUpCase("in a stream, before the upstream answers", "stream", false),
  hangUpCase("in a stream, before the upstream fails", "stream", true),
];
