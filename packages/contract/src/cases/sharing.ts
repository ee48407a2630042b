import { expect } from "vitest";
import {
  type ContractCase,
  contractCase,
  emulatorMount,
  settingsFor,
  twoTenants,
  type Whoami,
  whoamiRoute,
} from "../contract-case.ts";

export const sharingCases: readonly ContractCase[] = [
  contractCase(
    "a shared client",
    "has one token for two apps",
    async (bench) => {
      const emulator = await bench.emulator();
      const client = settingsFor(emulator, emulator.credentials);

      for (const tenantId of twoTenants(emulator)) {
        const url = await bench.serve({
          mounts: [{ client, isShared: true, tenant: { from: "option", tenantId } }],
          routes: [whoamiRoute()],
        });
        expect((await bench.json<Whoami>(url)).tenantId).toBe(tenantId);
      }
      expect(emulator.requests({ kind: "token" })).toHaveLength(1);
    },
    { twoApps: true },
  ),

  contractCase("a shared client", "brings its own tenant", async (bench) => {
    const emulator = await bench.emulator();
    const [, tenantId] = twoTenants(emulator);
    const client = { ...settingsFor(emulator, emulator.credentials), tenantId };
    const url = await bench.serve({ mounts: [{ client, isShared: true }], routes: [whoamiRoute()] });

    expect((await bench.json<Whoami>(url)).tenantId).toBe(tenantId);
  }),

  contractCase("two mounts in one app", "with other credentials keep apart", async (bench) => {
    const emulator = await bench.emulator();
    const second = { clientId: "second", clientSecret: "the-secret-of-the-second" };
    emulator.clients.add(second);
    const mount = emulatorMount(emulator);
    const url = await bench.serve({
      mounts: [
        { ...mount, path: "/first" },
        { ...mount, path: "/second", client: settingsFor(emulator, second) },
      ],
      routes: [whoamiRoute("/first"), whoamiRoute("/second")],
    });

    const answers = await Promise.all(
      ["first", "second", "first", "second"].map((path) => bench.json<Whoami>(`${url}/${path}`)),
    );

    const { clientId } = emulator.credentials;
    expect(answers.map((answer) => answer.clientId)).toEqual([clientId, "second", clientId, "second"]);
    expect(emulator.requests({ kind: "token" })).toHaveLength(2);
  }),

  contractCase("two mounts in one app", "share a client's token, each with its tenant", async (bench) => {
    const emulator = await bench.emulator();
    const client = settingsFor(emulator, emulator.credentials);
    const tenants = twoTenants(emulator);
    const url = await bench.serve({
      mounts: tenants.map((tenantId) => ({
        path: `/${tenantId}`,
        client,
        isShared: true,
        tenant: { from: "option", tenantId },
      })),
      routes: tenants.map((tenantId) => whoamiRoute(`/${tenantId}`)),
    });

    for (const tenantId of tenants) {
      expect((await bench.json<Whoami>(`${url}/${tenantId}`)).tenantId).toBe(tenantId);
    }
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  }),

  contractCase("two mounts in one app", "for one request: the later one counts", async (bench) => {
    const emulator = await bench.emulator();
    const client = settingsFor(emulator, emulator.credentials);
    const [first, second] = twoTenants(emulator);
    const url = await bench.serve({
      mounts: [
        { client, tenant: { from: "option", tenantId: first } },
        { client, path: "/inner", tenant: { from: "option", tenantId: second } },
      ],
      routes: [whoamiRoute("/outer"), whoamiRoute("/inner")],
    });

    expect((await bench.json<Whoami>(`${url}/inner`)).tenantId).toBe(second);
    expect((await bench.json<Whoami>(`${url}/outer`)).tenantId).toBe(first);
  }),

  contractCase("requests at once", "share one token, 50 of them", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({ mounts: [emulatorMount(emulator)], routes: [whoamiRoute()] });

    await Promise.all(Array.from({ length: 50 }, () => bench.json(url)));

    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
    expect(emulator.requests({ kind: "api", status: 200 })).toHaveLength(50);
  }),
];
