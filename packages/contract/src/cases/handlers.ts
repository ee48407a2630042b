import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { ConfigurationError } from "@personify-auth/core";
import { expect } from "vitest";
import type { Route } from "../contract-app.ts";
import {
  type ContractCase,
  contractCase,
  emulatorMount,
  type Whoami,
  whoamiPath,
  whoamiRoute,
} from "../contract-case.ts";

const group = "a handler";

/** A handler that fails of itself, and the status of the answer. */
const failures: readonly { name: string; status: number; route: Route }[] = [
  {
    name: "that throws",
    status: 500,
    route: {
      path: "/fails",
      kind: "throw",
      error: () => new Error("thrown by the handler"),
    },
  },
  {
    name: "that throws an error of ours",
    status: 500,
    route: { path: "/fails", kind: "throw", error: () => new ConfigurationError("thrown by the handler") },
  },
  {
    name: "that rejects",
    status: 500,
    route: {
      path: "/fails",
      kind: "json",
      answer: () => Promise.reject(new Error("rejected by the handler")),
    },
  },
  {
    name: "that rejects after a call",
    status: 500,
    route: {
      path: "/fails",
      kind: "json",
      async answer(client) {
        await client.get(whoamiPath);
        throw new Error("rejected by the handler");
      },
    },
  },
];

export const handlerCases: readonly ContractCase[] = [
  ...failures.map(({ name, status, route }) =>
    contractCase(group, `${name} is answered ${status}, and the next request works`, async (bench) => {
      const emulator = await bench.emulator();
      const url = await bench.serve({
        mounts: [emulatorMount(emulator)],
        routes: [route, whoamiRoute("/next")],
      });

      const answer = await bench.get(`${url}/fails`);

      expect(answer.status).toBe(status);
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
      routes: [
        {
          path: "/",
          kind: "json",
          answer: (client) => client.get(whoamiPath).catch(({ code }: { code: string }) => ({ code })),
        },
      ],
    });

    expect(await bench.json(url)).toEqual({ code: "api_error" });
  }),

  contractCase(group, "that streams uses the client between its chunks", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "header", name: "x-tenant" } }],
      routes: [
        {
          path: "/",
          kind: "stream",
          async *chunks(client) {
            yield "begin ";
            for (const _call of ["first", "second"])
              yield `${(await client.get<Whoami>(whoamiPath)).tenantId} `;
            yield "end";
          },
        },
      ],
    });

    const answers = await Promise.all(
      emulator.tenants.map(async ({ id }) => (await bench.get(url, { headers: { "x-tenant": id } })).text),
    );

    expect(answers).toEqual(emulator.tenants.map(({ id }) => `begin ${id} ${id} end`));
  }),

  contractCase(group, "whose stream fails midway does not harm the next request", async (bench) => {
    const emulator = await bench.emulator();
    emulator.faults.add({ on: "api", kind: "status", status: 404 });
    const failed = Promise.withResolvers<void>();
    const url = await bench.serve({
      mounts: [emulatorMount(emulator)],
      routes: [
        {
          path: "/stream",
          kind: "stream",
          async *chunks(client) {
            yield "begin ";
            try {
              yield String(await client.get(whoamiPath));
            } finally {
              failed.resolve();
            }
          },
        },
        whoamiRoute("/next"),
      ],
    });

    const request = get(`${url}/stream`, { agent: false }).on("error", () => {});
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.on("error", () => {}).resume();
    await bench.soon(failed.promise);

    const { tenantId } = emulator.credentials;
    expect((await bench.json<Whoami>(`${url}/next`)).tenantId).toBe(tenantId);
    request.destroy();
  }),
];
