import { expect } from "vitest";
import {
  type ContractCase,
  contractCase,
  emulatorMount,
  settingsFor,
  type Whoami,
  whoamiRoute,
} from "../contract-case.ts";
import type { Echo } from "../recording-upstream.ts";

const group = "forwarded headers";

const denied = [
  "Authorization",
  "cookie",
  "Host",
  "X-Tenant-Id",
  "connection",
  "keep-alive",
  "proxy-authorization",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-length",
  "content-type",
];

export const forwardedHeaderCases: readonly ContractCase[] = [
  contractCase(group, "go along with the calls, and no others do", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [
        { ...emulatorMount(emulator), forwardHeaders: ["Traceparent", "accept-language", "x-absent"] },
      ],
      routes: [whoamiRoute()],
    });

    const { headers } = await bench.json<Whoami>(url, {
      headers: { traceparent: "00-a-b-01", "Accept-Language": "de", "x-private": "1" },
    });

    expect(headers).toMatchObject({ traceparent: "00-a-b-01", "accept-language": "de" });
    expect(headers).not.toHaveProperty("x-private");
    expect(headers).not.toHaveProperty("x-absent");
  }),

  contractCase(group, "are none by default: the end user's credentials stay here", async (bench) => {
    const upstream = await bench.upstream();
    const url = await bench.serve({
      mounts: [{ client: settingsFor(upstream), tenant: { from: "option", tenantId: "alice" } }],
      routes: [whoamiRoute()],
    });

    const { headers } = await bench.json<Echo>(url, {
      headers: { authorization: "Bearer of-the-end-user", cookie: "session=1", "x-tenant-id": "mallory" },
    });

    expect(headers["authorization"]).toBe("Bearer token-of-upstream");
    expect(headers["x-tenant-id"]).toBe("alice");
    expect(headers).not.toHaveProperty("cookie");
  }),

  contractCase(group, "that are too long are answered 400, with nothing sent", async (bench) => {
    const emulator = await bench.emulator();
    const url = await bench.serve({
      mounts: [{ ...emulatorMount(emulator), forwardHeaders: ["x-long"] }],
      routes: [whoamiRoute()],
    });

    const answer = await bench.get(url, { headers: { "x-long": "a".repeat(8_193) } });

    expect(answer.status).toBe(400);
    await bench.expectNothingSent(emulator);
  }),

  ...denied.map((name) =>
    contractCase(group, `never include ${name}: the mount is refused`, async (bench) => {
      const mount = { ...emulatorMount(await bench.emulator()), forwardHeaders: ["traceparent", name] };

      const starting = bench.serve({ mounts: [mount], routes: [whoamiRoute()] });

      await expect(starting).rejects.toMatchObject({
        name: "ConfigurationError",
        message: expect.stringContaining(`forwardHeaders: ${name}`),
      });
    }),
  ),
];
