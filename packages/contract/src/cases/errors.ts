import { type BaseOptions, PersonifyError } from "@personify-auth/core";
import type { Emulator } from "@personify-auth/emulator";
import { expect, vi } from "vitest";
import type { Environment, Mount } from "../contract-app.ts";
import { type ContractCase, contractCase, emulatorMount, whoamiPath } from "../contract-case.ts";

const upstreamBody = "text-of-the-upstream";
const wrongSecret = "not-the-right-secret";
const query = "in-the-query";

/** An error that nobody catches, and what the end user gets. */
interface Uncaught {
  readonly name: string;
  readonly status: number;
  readonly retryAfter?: string;
  readonly options?: Partial<BaseOptions>;
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
  { name: "a configuration error", status: 500, mount: { tenant: undefined as never } },
  { name: "a refused token request", status: 502, options: { clientSecret: wrongSecret } },
  { name: "an upstream 401", status: 502, arrange: api(401) },
  { name: "an upstream 403", status: 502, arrange: api(403) },
  { name: "an upstream 404", status: 502, arrange: api(404) },
  { name: "an upstream 500", status: 502, arrange: api(500) },
  { name: "an upstream 302", status: 502, arrange: api(302) },
  { name: "HTML", status: 502, arrange: ({ faults }) => void faults.add({ on: "api", kind: "html" }) },
  {
    name: "a network error",
    status: 502,
    arrange: ({ faults }) => void faults.add({ on: "api", kind: "reset" }),
  },
  { name: "an upstream 429", status: 503, retryAfter: "7", arrange: api(429, 7) },
  { name: "an upstream 503", status: 503, retryAfter: "5", arrange: api(503) },
  {
    name: "a throttled token endpoint",
    status: 503,
    retryAfter: "20",
    options: { timeout: { token: 5_000 } },
    arrange: token(429, 20),
  },
  {
    name: "a failing token endpoint",
    status: 503,
    retryAfter: "20",
    options: { timeout: { token: 5_000 } },
    arrange: token(503, 20),
  },
  {
    name: "a slow API",
    status: 504,
    options: { timeout: { request: 50 } },
    arrange: ({ faults }) => void faults.add({ on: "api", kind: "stall", before: "headers" }),
  },
  {
    name: "a slow token endpoint",
    status: 504,
    options: { timeout: { token: 30 } },
    arrange: ({ faults }) => void faults.add({ on: "token", kind: "stall" }),
  },
];

function uncaughtCase(environment: Environment, each: Uncaught): ContractCase {
  const answered = `${each.status}${each.retryAfter === undefined ? "" : " with Retry-After"}`;
  const name = `${each.name} is answered ${answered} and tells no secret`;
  const test: Parameters<typeof contractCase>[2] = async (bench) => {
    const { showsErrorsIn, printsErrors } = bench.adapter.capabilities;
    const emulator = await bench.emulator();
    const { options, ...mount } = emulatorMount(emulator);
    const errors: unknown[] = [];
    const tokens: string[] = [];
    each.arrange?.(emulator);
    const url = await bench.serve({
      environment,
      mounts: [{ options: { ...options, ...each.options }, ...mount, ...each.mount }],
      routes: [
        {
          path: "/",
          kind: "json",
          async answer(client) {
            try {
              tokens.push((await client.getAccessToken()).value);
              return await client.get(`${whoamiPath}?key=${query}`);
            } catch (error) {
              errors.push(error);
              throw error;
            }
          },
        },
      ],
    });

    const { status, headers, text } = await bench.get(url, { headers: { "x-tenant": "mallory" } });
    // Some print an error only once they have answered.
    if (printsErrors)
      await vi.waitFor(() => expect(bench.printed()).not.toBe(""), { interval: 1, timeout: 10_000 });

    expect(status).toBe(each.status);
    expect(headers["retry-after"]).toBe(each.retryAfter);
    const [error] = errors;
    expect(error).toBeInstanceOf(PersonifyError);
    const { name, message } = error as PersonifyError;
    const isShown = text.includes(message) || text.includes(`${name}: `);
    expect(isShown, text).toBe(showsErrorsIn.includes(environment));
    const shown = [text, JSON.stringify(headers), bench.printed()].join("\n");
    const { clientSecret } = emulator.credentials;
    const hidden = [clientSecret, wrongSecret, upstreamBody, query, "mallory", ...tokens];
    expect(hidden.filter((secret) => shown.includes(secret))).toEqual([]);
    if (emulator.requests({ kind: "api" }).length > 0) expect(tokens).toHaveLength(1);
  };
  return contractCase(`an uncaught error in ${environment}`, name, test, environment);
}

export const errorCases: readonly ContractCase[] = (["development", "production"] as const).flatMap(
  (environment) => uncaught.map((each) => uncaughtCase(environment, each)),
);
