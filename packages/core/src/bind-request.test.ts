import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import {
  bindRequest,
  type IncomingRequest,
  type MiddlewareOptions,
  type RequestBinding,
  resolveMiddlewareOptions,
} from "./bind-request.ts";
import { emulated, failureOf, recordingServer, times } from "./client.test.support.ts";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import type { ClientOverrides } from "./client-overrides.ts";
import { ConfigurationError } from "./errors.ts";

const whoami = "/api/v1/whoami";

/** A framework's request: its headers, by lower-case name. */
type Raw = Readonly<Record<string, string>>;

function incoming(raw: Raw = {}): IncomingRequest<Raw> {
  return { raw, header: (name) => raw[name] };
}

const options = { clientId: "id", clientSecret: "secret", apiBaseUrl: "https://api.example.org" };

/** A server in place of the API that records its calls, with clients whose tokens come from an emulator. */
async function api() {
  const { emulator, client } = await emulated();
  const server = await recordingServer();
  return {
    emulator,
    server,
    client: (tenantId?: string | false) => client({ apiBaseUrl: server.url, tenantId }),
    tenants: () => server.requests.map((request) => request.header("x-tenant-id")),
  };
}

describe("the tenant of a request's calls", () => {
  const cases: [what: string, tenantId: RequestBinding<Raw>["tenantId"], expected: string[]][] = [
    ["the binding's own", "of-binding", ["of-binding"]],
    ["what a function of the request returns", (raw) => raw["x-subdomain"], ["of-request"]],
    ["none with false", false, []],
    ["the client's own where the binding has none", undefined, ["of-client"]],
  ];

  test.each(cases)("is %s", async (_what, tenantId, expected) => {
    const { client, tenants } = await api();
    const bound = bindRequest(client("of-client"), { tenantId }, incoming({ "x-subdomain": "of-request" }));

    await bound.get("/a");
    await bound.fetch("/a");

    expect(tenants()).toEqual([expected, expected]);
  });

  test("may be named by a call, as with any client", async () => {
    const { client, tenants } = await api();
    const bound = bindRequest(client(), { tenantId: "of-binding" }, incoming());

    await bound.get("/a", { tenantId: "of-call" });

    expect(tenants()).toEqual([["of-call"]]);
  });

  test("that neither binding nor client has is a ConfigurationError", async () => {
    const { emulator, client, server } = await api();

    await expect(bindRequest(client(), {}, incoming()).get("/a")).rejects.toMatchObject({
      code: "missing_tenant",
      status: 500,
    });
    expect([...emulator.requests(), ...server.requests]).toEqual([]);
  });

  test.each([
    [undefined, "request_tenant_missing"],
    [null, "request_tenant_missing"],
    ["", "request_tenant_missing"],
    [" ", "request_tenant_invalid"],
    ["a b", "request_tenant_invalid"],
    ["a\r\nx-tenant-id: b", "request_tenant_invalid"],
    ["a\u0000", "request_tenant_invalid"],
    ["ü", "request_tenant_invalid"],
    ["t".repeat(257), "request_tenant_invalid"],
    [["a", "b"], "request_tenant_invalid"],
    [false, "request_tenant_invalid"],
    [7, "request_tenant_invalid"],
  ])("that a function returns as %j is a 400, and nothing is sent", async (returned, code) => {
    const { emulator, client, server } = await api();
    const binding = { tenantId: () => returned as string };
    const bound = bindRequest(client("of-client"), binding, incoming());

    for (const failure of [
      await failureOf(bound.get("/a")),
      await failureOf(bound.post("/a", {})),
      await failureOf(bound.fetch("/a")),
    ]) {
      expect(failure).toMatchObject({ name: "PersonifyError", code, status: 400, expose: false });
      expect(failure.message).toMatch(/tenant/);
    }
    expect([...emulator.requests(), ...server.requests]).toEqual([]);
  });

  test.each<[string, RequestBinding<Raw>["allowedTenants"]]>([
    ["a list", ["alice", "bob"]],
    ["a function", (tenantId) => ["alice", "bob"].includes(tenantId)],
    ["a function that answers no boolean", (tenantId) => (tenantId === "alice" || "truthy") as boolean],
    ["an empty list", []],
  ])("that is not allowed by %s is a 403, and nothing is sent", async (what, allowedTenants) => {
    const { emulator, client, server, tenants } = await api();
    const binding: RequestBinding<Raw> = { tenantId: (raw) => raw["tenant"], allowedTenants };
    const bound = (tenant: string) => bindRequest(client("of-client"), binding, incoming({ tenant }));

    for (const tenant of ["mallory", "Alice", "alic", "alice,bob"]) {
      await expect(bound(tenant).get("/a")).rejects.toMatchObject({
        code: "request_tenant_not_allowed",
        status: 403,
        expose: false,
      });
      await expect(bound(tenant).fetch("/a")).rejects.toMatchObject({ status: 403 });
    }
    expect([...emulator.requests(), ...server.requests]).toEqual([]);

    if (what === "an empty list") return;
    await bound("alice").get("/a");
    expect(tenants()).toEqual([["alice"]]);
  });

  test("is found once, at the first use, and not at all where there is none", async () => {
    const { emulator, client, tenants } = await api();
    const tenantId = vi.fn((raw: Raw) => raw["tenant"]);
    const header = vi.fn((name: string) => (name === "traceparent" ? "00-a-b-01" : undefined));
    const request = { raw: { tenant: "alice" }, header };
    const binding = { tenantId, forwardHeaders: ["traceparent", "baggage"] };

    bindRequest(client(), binding, request);
    const bound = bindRequest(client(), binding, request);
    await sleep(1);
    expect(tenantId).not.toHaveBeenCalled();
    expect(header).not.toHaveBeenCalled();
    expect(emulator.requests()).toEqual([]);

    await times(5, () => bound.get("/a"));
    await bound.fetch("/a");

    expect(tenantId.mock.calls).toEqual([[request.raw]]);
    expect(header.mock.calls).toEqual([["traceparent"], ["baggage"]]);
    expect(tenants()).toEqual(Array(6).fill(["alice"]));
  });

  test("is read as late as the first call, when others have completed the request", async () => {
    const { client, tenants } = await api();
    const raw: Record<string, string> = {};
    const bound = bindRequest<Raw>(client(), { tenantId: ({ tenant }) => tenant }, incoming(raw));
    raw["tenant"] = "set-later";

    await bound.get("/a");

    expect(tenants()).toEqual([["set-later"]]);
  });

  test("never reaches another request: 2,000 of 50 tenants, interleaved", async () => {
    const { emulator, client } = await emulated();
    const server = await recordingServer(async (request, response) => {
      await sleep(Number(request.header("x-number")) % 3);
      const sent = {
        tenants: request.header("x-tenant-id"),
        number: request.header("x-number"),
        url: request.url,
      };
      response.end(JSON.stringify(sent));
    });
    const shared = client({ apiBaseUrl: server.url, tenantId: undefined });
    const binding: RequestBinding<Raw> = { tenantId: (raw) => raw["tenant"], forwardHeaders: ["x-number"] };
    let checked = 0;

    await times(50, async (index) => {
      for (let round = 0; round < 40; round++) {
        const tenant = `tenant-${(index + round) % 50}`;
        const number = String(index * 40 + round);
        const bound = bindRequest(shared, binding, incoming({ tenant, "x-number": number }));
        const path = `/of/${tenant}/${number}`;
        const answer = round % 2 === 0 ? await bound.get(path) : await (await bound.fetch(path)).json();
        expect(answer).toEqual({ tenants: [tenant], number: [number], url: path });
        checked++;
      }
    });

    expect(checked).toBe(2_000);
    expect(server.requests).toHaveLength(2_000);
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });

  test("is what the API knows the caller as", async () => {
    const { emulator, client } = await emulated();
    const shared = client({ tenantId: undefined });
    const binding: RequestBinding<Raw> = { tenantId: (raw) => raw["tenant"] };

    await times(100, async (index) => {
      const tenant = emulator.tenants[index % 2]?.id ?? "";
      const answer = await bindRequest(shared, binding, incoming({ tenant })).get<{ tenantId: string }>(
        whoami,
      );
      expect(answer.tenantId).toBe(tenant);
    });
    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
  });
});

describe("forwardHeaders", () => {
  test("go along by name in any case, those that are absent or empty do not, nor any other", async () => {
    const { client, server } = await api();
    const binding = {
      tenantId: "a",
      forwardHeaders: ["TraceParent", "accept-language", "baggage", "x-empty"],
    };
    const raw = { traceparent: "00-a-b-01", "accept-language": "de", "x-other": "1", "x-empty": "" };
    const bound = bindRequest(client(), binding, incoming(raw));

    await bound.get("/a");
    await bound.fetch("/a");

    for (const request of server.requests) {
      expect(request.header("traceparent")).toEqual(["00-a-b-01"]);
      expect(request.header("accept-language")).toEqual(["de"]);
      for (const name of ["baggage", "x-empty", "x-other"]) expect(request.header(name)).toEqual([]);
    }
    expect(server.requests).toHaveLength(2);
  });

  test("are none by default", async () => {
    const { client, server } = await api();
    const header = vi.fn(() => "value");

    await bindRequest(client(), { tenantId: "a" }, { raw: {}, header }).get("/a");

    expect(header).not.toHaveBeenCalled();
    expect(server.requests).toHaveLength(1);
  });

  const denied = [
    "authorization",
    "proxy-authorization",
    "proxy-authenticate",
    "cookie",
    "host",
    "x-tenant-id",
    "connection",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "content-type",
    "content-encoding",
    "expect",
  ];
  const upperFirst = (name: string) => name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

  test.each(denied)("never take %s, in any case: the mount throws", (name) => {
    for (const written of [name, name.toUpperCase(), upperFirst(name)]) {
      const mount = () => resolveMiddlewareOptions({ ...options, forwardHeaders: ["traceparent", written] });
      expect(mount).toThrow(ConfigurationError);
      expect(mount).toThrow(`Option forwardHeaders: ${written} is never forwarded, since`);
    }
  });

  test.each(["", "a b", "a:", "ü", "a\n", 7, null])("%j is no header's name: the mount throws", (name) => {
    const mount = () => resolveMiddlewareOptions({ ...options, forwardHeaders: [name as string] });

    expect(mount).toThrow(ConfigurationError);
    expect(mount).toThrow(/forwardHeaders: expected header names/);
  });

  test.each(["a\r\nx-tenant-id: b", "a\u0000", "a\u007f", "€", "x".repeat(8_193)])(
    "with a malformed value are a 400, and nothing is sent",
    async (value) => {
      const { emulator, client, server } = await api();
      const binding = { tenantId: "a", forwardHeaders: ["Traceparent"] };
      const bound = bindRequest(client(), binding, incoming({ traceparent: value }));

      const failure = await failureOf(bound.get("/a"));

      expect(failure).toMatchObject({ code: "request_header_invalid", status: 400, expose: false });
      expect(failure.message).toContain("traceparent");
      expect(failure.message).not.toContain(value);
      expect([...emulator.requests(), ...server.requests]).toEqual([]);
    },
  );

  test("yield to a call's own header of that name", async () => {
    const { client, server } = await api();
    const binding = { tenantId: "a", forwardHeaders: ["accept-language"] };

    await bindRequest(client(), binding, incoming({ "accept-language": "de" })).get("/a", {
      headers: { "Accept-Language": "en" },
    });

    expect(server.requests[0]?.header("accept-language")).toEqual(["en"]);
  });
});

describe("resolveMiddlewareOptions", () => {
  test("makes a client of client options, and parts the binding from them", async () => {
    const { emulator, options: optionsOf } = await emulated();
    const tenantId = () => emulator.credentials.tenantId;
    const { tenantId: _, ...base } = optionsOf();

    const { client, binding } = resolveMiddlewareOptions<Raw>({
      ...base,
      tenantId,
      allowedTenants: () => true,
    });

    expect(binding).toMatchObject({ tenantId });
    await bindRequest(client, binding, incoming()).get(whoami);
    expect(emulator.requests({ kind: "api" })[0]).toMatchObject({ status: 200, tenantId: tenantId() });
  });

  test("shares a client that is given: one token for all bindings", async () => {
    const { emulator, client } = await emulated();
    const shared = client({ tenantId: undefined });

    for (const { id } of emulator.tenants) {
      const resolved = resolveMiddlewareOptions<Raw>({ client: shared, tenantId: id });
      expect(resolved.client).toBe(shared);
      await bindRequest(resolved.client, resolved.binding, incoming()).get(whoami);
    }

    expect(emulator.requests({ kind: "token" })).toHaveLength(1);
    expect(emulator.requests({ kind: "api" }).map(({ tenantId }) => tenantId)).toEqual(
      emulator.tenants.map(({ id }) => id),
    );
  });

  const client: PersonifyClient = createPersonifyClient(options);
  const wrong: [what: string, options: unknown, message: RegExp][] = [
    ["nothing", undefined, /options: expected an object, got undefined/],
    ["null", null, /options: expected an object, got null/],
    ["a string", "client", /options: expected an object/],
    ["a binding alone", { tenantId: "a" }, /clientId/],
    ["a missing client option", { ...options, clientId: undefined }, /clientId: expected/],
    ["an unknown option", { ...options, tennant: "a" }, /tennant does not exist/],
    ["a client and client options", { ...options, client }, /clientId belongs to the client/],
    ["a client and an unknown option", { client, tennant: "a" }, /tennant belongs to the client/],
    [
      "a client that is none",
      { client: { get() {} } },
      /client: expected a client made by createPersonifyClient/,
    ],
    ["a client that is undefined", { client: undefined }, /client: expected a client/],
    ["tenantId true", { client, tenantId: true }, /tenantId: expected .*false, or a function.*got true/],
    ["an empty tenantId", { client, tenantId: "" }, /tenantId: expected .*got ""/],
    ["tenantId null", { client, tenantId: null }, /tenantId: expected .*got null/],
    ["a malformed tenantId", { client, tenantId: "a b" }, /tenantId: expected/],
    ["allowedTenants of another type", { client, allowedTenants: "a" }, /allowedTenants: expected an array/],
    ["allowedTenants null", { client, allowedTenants: null }, /allowedTenants: expected an array/],
    [
      "a malformed allowed tenant",
      { client, allowedTenants: ["a", ""] },
      /allowedTenants: expected an array/,
    ],
    [
      "allowedTenants with nothing to judge",
      { client, tenantId: "a", allowedTenants: ["a"] },
      /judges what a tenantId function returns/,
    ],
    [
      "allowedTenants with the client's own tenant",
      { client, allowedTenants: () => true },
      /judges what a tenantId function returns/,
    ],
    ["forwardHeaders of another type", { client, forwardHeaders: "a" }, /forwardHeaders: expected an array/],
  ];

  test.each(wrong)("refuses %s when it is mounted", (_what, given, message) => {
    const mount = () => resolveMiddlewareOptions(given as MiddlewareOptions<Raw>);

    expect(mount).toThrow(ConfigurationError);
    expect(mount).toThrow(message);
  });
});

describe("what comes too late or changes later", () => {
  test.each<[string, RequestBinding<Raw>]>([
    ["tenantId", { tenantId: (async () => "a") as never }],
    ["tenantId", { tenantId: (async () => Promise.reject(new Error("lookup failed"))) as never }],
    ["allowedTenants", { tenantId: () => "a", allowedTenants: (async () => true) as never }],
    [
      "allowedTenants",
      { tenantId: () => "a", allowedTenants: (() => Promise.reject(new Error("x"))) as never },
    ],
  ])("an async %s is refused, its rejection ends no process, and nothing is sent", async (name, binding) => {
    const { emulator, client, server } = await api();
    await expect(bindRequest(client(), binding, incoming()).get("/a")).rejects.toThrow(
      new RegExp(`Option ${name}: .*await it first`),
    );
    // An unhandled rejection would be reported in a later turn, and fail this run.
    await new Promise((resolve) => setImmediate(resolve));
    expect([...emulator.requests(), ...server.requests]).toEqual([]);
  });

  test("a list that is changed after mounting stays as it was checked", async () => {
    const { client, server } = await api();
    const forwardHeaders = ["traceparent"];
    const allowedTenants = ["a"];
    const { binding } = resolveMiddlewareOptions<Raw>({
      client: client(),
      tenantId: (raw) => raw["tenant"],
      forwardHeaders,
      allowedTenants,
    });
    forwardHeaders.push("cookie");
    allowedTenants.push("z");

    await expect(bindRequest(client(), binding, incoming({ tenant: "z" })).get("/a")).rejects.toMatchObject({
      status: 403,
    });
    await bindRequest(client(), binding, incoming({ tenant: "a", cookie: "session=1" })).get("/a");
    expect(server.requests.map((request) => request.header("cookie"))).toEqual([[]]);
  });

  test("a binding that nobody checked forwards no credentials either", async () => {
    const { client, server } = await api();
    const bound = bindRequest(client("a"), { forwardHeaders: ["cookie"] }, incoming({ cookie: "session=1" }));
    await expect(bound.get("/a")).rejects.toThrow(/cookie is never forwarded/);
    expect(server.requests).toEqual([]);
  });

  test("a misspelt option of a binding finds its right spelling in the message", () => {
    const options = {
      clientId: "id",
      clientSecret: "s",
      apiBaseUrl: "https://a.example",
      alowedTenants: ["a"],
    };
    expect(() => resolveMiddlewareOptions(options as never)).toThrow(
      /Option alowedTenants does not exist.*allowedTenants/,
    );
  });
});

describe("a request's execution context", () => {
  /** The overrides that a client gets for the request, as they are found out at its first use. */
  function overridesFor(request: IncomingRequest<Raw>): () => ClientOverrides {
    const client = createPersonifyClient(options);
    const finding = vi.spyOn(client, "with");
    bindRequest(client, {}, request);
    return finding.mock.calls[0]?.[0] as () => ClientOverrides;
  }

  test("is asked for when the client is first used, and keeps its token request alive", () => {
    const kept: unknown[] = [];
    // As on workerd, whose waitUntil wants its context for `this`.
    class Context {
      waitUntil(promise: Promise<unknown>) {
        if (!(this instanceof Context)) throw new TypeError("Illegal invocation");
        kept.push(promise);
      }
    }
    const executionCtx = vi.fn(() => new Context());
    const overrides = overridesFor({ ...incoming(), executionCtx });
    expect(executionCtx).not.toHaveBeenCalled();
    const promise = Promise.resolve();

    overrides().waitUntil?.(promise);

    expect(kept).toEqual([promise]);
  });

  test("that there is none of leaves the client without", () => {
    const executionCtx = () => {
      throw new Error("This context has no ExecutionContext");
    };

    expect(overridesFor({ ...incoming(), executionCtx })()).toMatchObject({ waitUntil: undefined });
    expect(overridesFor(incoming())()).toMatchObject({ waitUntil: undefined });
  });
});
