import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { expect } from "vitest";
import type { HandlerName } from "../app/handlers.ts";
import {
  type ContractCase,
  contractCase,
  emulatorMount,
  type Whoami,
  whoamiRoute,
} from "../contract-case.ts";

const group = "a handler";

/** Handlers that fail of themselves, and how. */
const failures: readonly { name: string; handler: HandlerName }[] = [
  { name: "that throws", handler: "throws" },
  { name: "that throws an error of ours", handler: "throwsOurs" },
  { name: "that rejects", handler: "rejects" },
  { name: "that rejects after a call", handler: "rejectsAfterCall" },
];

export const handlerCases: readonly ContractCase[] = [
  ...failures.map(({ name, handler }) =>
    contractCase(group, `${name} is answered 500, and the next request works`, async (bench) => {
      const emulator = await bench.emulator();
      const url = await bench.serve({
        mounts: [emulatorMount(emulator)],
        routes: [{ path: "/fails", handler }, whoamiRoute("/next")],
      });

      const answer = await bench.get(`${url}/fails`);

      expect(answer.status).toBe(500);
      expect(answer.text).not.toContain("by the handler");
      const { tenantId } = emulator.credentials;
      expect((await bench.json<Whoami>(`${url}/next`)).tenantId).toBe(tenantId);
    }),
  ),

  contractCase(group, "that recovers from an error answers as it likes", async (bench) => {
    const emulator = await bench.emulator();
    emulator.faults.add({ on: "api", kind: "status", status: 404 });
    const url = await bench.serve({
      mounts: [emulatorMount(emulator)],
      routes: [{ path: "/", handler: "recovers" }],
    });

    expect(await bench.json(url)).toEqual({ code: "api_error" });
  }),

  contractCase(group, "that streams uses the client between its chunks", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "header", name: "x-tenant" } }],
      routes: [{ path: "/", handler: "streams" }],
    });

    const answers = await Promise.all(
      emulator.tenants.map(async ({ id }) => (await bench.get(url, { headers: { "x-tenant": id } })).text),
    );

    expect(answers).toEqual(emulator.tenants.map(({ id }) => `begin ${id} end`));
  }),

  contractCase(group, "whose stream fails midway does not harm the next request", async (bench) => {
    const emulator = await bench.emulator();
    emulator.faults.add({ on: "api", kind: "status", status: 404 });
    const url = await bench.serve({
      mounts: [emulatorMount(emulator)],
      routes: [{ path: "/stream", handler: "streams" }, whoamiRoute("/next")],
    });

    const request = get(`${url}/stream`, { agent: false }).on("error", () => {});
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => {}).resume();
    await bench.told(({ settledCalls }) => settledCalls === 1);

    const { tenantId } = emulator.credentials;
    expect((await bench.json<Whoami>(`${url}/next`)).tenantId).toBe(tenantId);
    request.destroy();
  }),
];
