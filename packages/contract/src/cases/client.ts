import { expect } from "vitest";
import { contractCase, emulatorMount, settingsFor, type Whoami, whoamiRoute } from "../contract-case.ts";
import type { Echo } from "../recording-upstream.ts";

const attached = "the client";
const unused = "a client that is not used";
const mounting = "mounting";

export const clientCases = [
  contractCase(attached, "is on each request, and calls the API", async (bench) => {
    const emulator = await bench.emulator();
    const { tenantId, clientId } = emulator.credentials;
    const url = await bench.serve({ mounts: [emulatorMount(emulator)], routes: [whoamiRoute()] });

    for (const _request of ["first", "second"]) {
      expect(await bench.json<Whoami>(url)).toMatchObject({ tenantId, clientId });
    }
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
    expect(emulator.requests({ kind: "api" })).toHaveLength(2);
  }),

  contractCase(attached, "sends a form as a form", async (bench) => {
    const upstream = await bench.upstream();
    const url = await bench.serve({
      mounts: [{ client: settingsFor(upstream), tenant: { from: "option", tenantId: "alice" } }],
      routes: [{ path: "/", handler: "posts" }],
    });

    const { headers, body } = await bench.json<Echo>(url);

    const [, boundary] = /^multipart\/form-data; ?boundary=(.+)$/.exec(headers["content-type"] ?? "") ?? [];
    expect(boundary).toBeDefined();
    expect(body).toContain(`--${boundary}`);
    expect(body).toContain("of the form");
  }),

  contractCase(unused, "costs no token and no call", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [emulatorMount(emulator)],
      routes: [{ path: "/", handler: "idle" }],
    });

    expect(await bench.json(url)).toEqual({ has: "function" });
    await bench.expectNothingSent(emulator);
  }),

  contractCase(unused, "needs no tenant", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "header", name: "x-tenant" } }],
      routes: [{ path: "/", handler: "unaware" }],
    });

    expect(await bench.json(url)).toEqual({ isServed: true });
    await bench.expectNothingSent(emulator);
  }),

  contractCase(mounting, "with an option missing is refused at once", async (bench) => {
    const emulator = await bench.emulator();
    const mount = emulatorMount(emulator);

    const starting = bench.serve({
      mounts: [{ ...mount, client: { ...mount.client, clientId: "" } }],
      routes: [whoamiRoute()],
    });

    await expect(starting).rejects.toMatchObject({
      name: "ConfigurationError",
      message: expect.stringContaining("clientId"),
    });
  }),
];
