import { Agent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { TenantRule } from "../app/contract-app.ts";
import {
  type ContractCase,
  contractCase,
  emulatorMount,
  settingsFor,
  twoTenants,
  type Whoami,
  whoamiRoute,
} from "../contract-case.ts";
import type { Echo } from "../recording-upstream.ts";

const group = "the tenant";
const fromHeader: TenantRule = { from: "header", name: "x-tenant" };

/** A request whose tenant will not do. */
interface Refusal {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly tenant?: TenantRule | undefined;
  readonly allowedTenants?: readonly string[];
  readonly status: number;
}

const refusals: readonly Refusal[] = [
  { name: "none in the request", tenant: fromHeader, status: 400 },
  { name: "an empty one", tenant: fromHeader, headers: { "x-tenant": "" }, status: 400 },
  { name: "one with a space", tenant: fromHeader, headers: { "x-tenant": "a b" }, status: 400 },
  { name: "one that is not ASCII", tenant: fromHeader, headers: { "x-tenant": "t\u00e4nt" }, status: 400 },
  {
    name: "one of 257 characters",
    tenant: fromHeader,
    headers: { "x-tenant": "a".repeat(257) },
    status: 400,
  },
  {
    name: "one that is not allowed",
    tenant: fromHeader,
    headers: { "x-tenant": "mallory" },
    allowedTenants: ["alice", "bob"],
    status: 403,
  },
  { name: "a mount without a tenant", tenant: undefined, headers: { "x-tenant": "alice" }, status: 500 },
];

function refusalCase({ name, headers = {}, tenant, allowedTenants, status }: Refusal): ContractCase {
  return contractCase(group, `${name} is answered ${status}, with nothing sent`, async (bench) => {
    const emulator = await bench.emulator();
    const mount = { client: settingsFor(emulator, emulator.credentials) };
    const url = await bench.serve({
      mounts: [{ ...mount, ...(tenant && { tenant }), ...(allowedTenants && { allowedTenants }) }],
      routes: [whoamiRoute()],
    });

    const answer = await bench.get(url, { headers });

    expect(answer.status).toBe(status);
    await bench.expectNothingSent(emulator);
  });
}

export const tenantCases: readonly ContractCase[] = [
  contractCase(group, "comes from the option", async (bench) => {
    const emulator = await bench.emulator();
    const [, tenantId] = twoTenants(emulator);
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "option", tenantId } }],
      routes: [whoamiRoute()],
    });

    expect((await bench.json<Whoami>(url)).tenantId).toBe(tenantId);
  }),

  contractCase(group, "is not sent where the option is false", async (bench) => {
    const upstream = await bench.upstream();
    const url = await bench.serve({
      mounts: [{ client: settingsFor(upstream), tenant: { from: "option", tenantId: false } }],
      routes: [whoamiRoute()],
    });

    expect((await bench.json<Echo>(url)).tenantId).toBeNull();
  }),

  contractCase(group, "comes from each request's header", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: fromHeader }],
      routes: [whoamiRoute()],
    });

    for (const tenant of twoTenants(emulator)) {
      const answer = await bench.json<Whoami>(url, { headers: { "X-Tenant": tenant } });
      expect(answer.tenantId).toBe(tenant);
    }
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  }),

  contractCase(group, "comes from each request's host", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "host" } }],
      routes: [whoamiRoute()],
    });

    for (const tenant of twoTenants(emulator)) {
      const answer = await bench.json<Whoami>(url, { headers: { host: `${tenant}.example.org:8080` } });
      expect(answer.tenantId).toBe(tenant);
    }
  }),

  contractCase(group, "may be any that is allowed", async (bench) => {
    const emulator = await bench.emulator();
    const allowedTenants = twoTenants(emulator);
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: fromHeader, allowedTenants }],
      routes: [whoamiRoute()],
    });

    for (const tenant of allowedTenants) {
      const answer = await bench.json<Whoami>(url, { headers: { "x-tenant": tenant } });
      expect(answer.tenantId).toBe(tenant);
    }
  }),

  ...refusals.map(refusalCase),

  contractCase("the order of middleware", "lets a later one find out the tenant", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), tenant: { from: "authentication" } }],
      authenticationHeader: "x-session",
      routes: [whoamiRoute()],
    });

    for (const tenant of twoTenants(emulator)) {
      const answer = await bench.json<Whoami>(url, { headers: { "x-session": tenant } });
      expect(answer.tenantId).toBe(tenant);
    }
  }),

  contractCase("interleaved requests", "of 50 tenants each see their own, 2,000 times", async (bench) => {
    let arrived = 0;
    const upstream = await bench.upstream(async () => {
      arrived += 1;
      // Answers come in another order than the calls.
      await delay((arrived * 7) % 5);
    });
    const url = await bench.serve({
      mounts: [{ client: settingsFor(upstream), tenant: fromHeader }],
      routes: [{ path: "/", handler: "callsTwice" }],
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const mixedUp: unknown[] = [];

    await Promise.all(
      Array.from({ length: 2_000 }, async (_, index) => {
        const asked = `tenant-${index % 50}`;
        const seen = await bench.json<string[]>(url, { agent, headers: { "x-tenant": asked } });
        if (seen.some((tenant) => tenant !== asked)) mixedUp.push({ asked, seen });
      }),
    ).finally(() => agent.destroy());

    expect(mixedUp).toEqual([]);
    expect(arrived).toBe(4_000);
  }),
];
