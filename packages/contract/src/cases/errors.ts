import type { Emulator } from "@personify-auth/emulator";
import { expect } from "vitest";
import type { ClientSettings, Environment, Mount } from "../app/contract-app.ts";
import { hiddenQuery } from "../app/handlers.ts";
import { type ContractCase, contractCase, emulatorMount } from "../contract-case.ts";

const upstreamBody = "text-of-the-upstream";
const wrongSecret = "not-the-right-secret";

/** An error that nobody catches, and what the end user gets. */
interface Uncaught {
  readonly name: string;
  readonly status: number;
  readonly retryAfter?: string;
  readonly client?: Partial<ClientSettings>;
  readonly mount?: Partial<Mount>;
  readonly arrange?: (emulator: Emulator) => void;
}

const api = (status: number, retryAfter?: number) => (emulator: Emulator) =>
  void emulator.faults.add({
    on: "api",
    kind: "status",
    status,
    body: upstreamBody,
    times: 9,
    ...(retryAfter !== undefined && { retryAfter }),
  });
const token = (status: number, retryAfter?: number) => (emulator: Emulator) =>
  void emulator.faults.add({
    on: "token",
    kind: "status",
    status,
    body: upstreamBody,
    times: 9,
    ...(retryAfter !== undefined && { retryAfter }),
  });

const uncaught: readonly Uncaught[] = [
  { name: "a request without a tenant", status: 400, mount: { tenant: { from: "authentication" } } },
  {
    name: "a tenant that is not allowed",
    status: 403,
    mount: { tenant: { from: "header", name: "x-tenant" }, allowedTenants: ["alice"] },
  },
  { name: "a configuration error", status: 500, mount: { tenant: undefined } },
  { name: "a refused token request", status: 502, client: { clientSecret: wrongSecret } },
  { name: "an upstream 401", status: 502, arrange: api(401) },
  { name: "an upstream 403", status: 502, arrange: api(403) },
  { name: "an upstream 404", status: 502, arrange: api(404) },
  { name: "an upstream 500", status: 502, arrange: api(500) },
  { name: "an upstream 302", status: 502, arrange: api(302) },
  { name: "HTML", status: 502, arrange: ({ faults }) => void faults.add({ on: "api", kind: "html" }) },
  {
    name: "a network error",
    status: 502,
    // Several times, since some runtimes repeat a call by themselves where a kept connection breaks.
    arrange: ({ faults }) => void faults.add({ on: "api", kind: "reset", times: 9 }),
  },
  { name: "an upstream 429", status: 503, retryAfter: "7", arrange: api(429, 7) },
  { name: "an upstream 503", status: 503, retryAfter: "5", arrange: api(503) },
  {
    name: "a throttled token endpoint",
    status: 503,
    retryAfter: "20",
    client: { timeout: { token: 5_000 } },
    arrange: token(429, 20),
  },
  {
    name: "a failing token endpoint",
    status: 503,
    retryAfter: "20",
    client: { timeout: { token: 5_000 } },
    arrange: token(503, 20),
  },
  {
    name: "a slow API",
    status: 504,
    client: { timeout: { request: 50 } },
    arrange: ({ faults }) => void faults.add({ on: "api", kind: "stall", before: "headers" }),
  },
  {
    name: "a slow token endpoint",
    status: 504,
    client: { timeout: { token: 30 } },
    arrange: ({ faults }) => void faults.add({ on: "token", kind: "stall" }),
  },
];

function uncaughtCase(environment: Environment, each: Uncaught): ContractCase {
  const answered = `${each.status}${each.retryAfter === undefined ? "" : " with Retry-After"}`;
  const name = `${each.name} is answered ${answered} and tells no secret`;
  const test: Parameters<typeof contractCase>[2] = async (bench) => {
    const { showsErrorsIn, printsErrors } = bench.adapter.capabilities;
    const emulator = await bench.emulator();
    const { client, ...mount } = emulatorMount(emulator);
    each.arrange?.(emulator);
    const url = await bench.serve({
      environment,
      mounts: [{ client: { ...client, ...each.client }, ...mount, ...each.mount }],
      routes: [{ path: "/", handler: "watched" }],
    });

    const { status, headers, text } = await bench.get(url, { headers: { "x-tenant": "mallory" } });
    // Some print an error only once they have answered.
    const { errors, tokensBackwards, printed } = await bench.told(
      (seen) => !printsErrors || seen.printed.length > 0,
    );

    expect(status).toBe(each.status);
    expect(headers["retry-after"]).toBe(each.retryAfter);
    const [error] = errors;
    expect(error).toMatchObject({ isOurs: true });
    const { name = "", message = "" } = error ?? {};
    const isShown = text.includes(message) || text.includes(`${name}: `);
    expect(isShown, text).toBe(showsErrorsIn.includes(environment));
    const tokens = tokensBackwards.map((token) => [...token].reverse().join(""));
    const shown = [text, JSON.stringify(headers), ...printed].join("\n");
    const { clientSecret } = emulator.credentials;
    const hidden = [clientSecret, wrongSecret, upstreamBody, hiddenQuery, "mallory", ...tokens];
    expect(hidden.filter((secret) => shown.includes(secret))).toEqual([]);
    if (emulator.requests({ kind: "api" }).length > 0) expect(tokens).toHaveLength(1);
  };
  return contractCase(`an uncaught error in ${environment}`, name, test, { environment });
}

export const errorCases: readonly ContractCase[] = (["development", "production"] as const).flatMap(
  (environment) => uncaught.map((each) => uncaughtCase(environment, each)),
);
