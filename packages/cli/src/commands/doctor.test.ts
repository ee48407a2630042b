import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { optionsFromEnv } from "@personify-auth/core";
import { type Emulator, type FaultDefinition, startEmulator } from "@personify-auth/emulator";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from "vitest";
import { diagnose } from "../doctor/diagnose.ts";
import type { Finding } from "../doctor/finding.ts";
import {
  startEndless,
  startProxy,
  startSilence,
  startTls,
  startTokenEndpoint,
} from "../doctor/servers.test.support.ts";
import { runCli } from "../run.test.support.ts";

let emulator: Emulator;
let settings: Record<string, string>;
beforeAll(async () => {
  emulator = await startEmulator();
  settings = emulator.env;
});
const running: { close(): Promise<void> }[] = [];
beforeEach(() => emulator.faults.clear());
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});
afterAll(() => emulator.close());

async function started<T extends { close(): Promise<void> }>(server: Promise<T>): Promise<T> {
  running.push(await server);
  return server;
}

type Variables = Record<string, string | undefined>;
type Report = { ok: boolean; checks: (Finding & { check: string })[] };

/** Runs doctor with these settings changed, and returns its report and each fault that it names. */
async function examined(changed: Variables = {}, args: string[] = []) {
  const { code, stdout, stderr } = await runCli(["doctor", "--json", ...args], {
    env: { ...settings, ...changed },
  });
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Report;
  expect([report.ok, code]).toEqual(report.ok ? [true, 0] : [false, 1]);
  return { report, faults: faultsIn(report.checks), text: stdout };
}

/** As `examined`, with little time for each request. */
async function quickly(changed: Variables) {
  const checks = [];
  const examination = {
    settings,
    options: () => optionsFromEnv(settings),
    env: changed,
    path: "/api/v1/whoami",
    isGuess: false,
    timeout: 500,
    signal: new AbortController().signal,
  };
  for await (const found of diagnose(examination)) checks.push(found);
  const causes = checks.flatMap((found) => (found.status === "fault" ? [found.cause] : []));
  return { faults: faultsIn(checks), causes };
}

function faultsIn(checks: Report["checks"]) {
  return checks.flatMap((found) => {
    if (found.status !== "fault") return [];
    expect(found.cause.length > 0 && found.mend.length > 0).toBe(true);
    return [`${found.check}: ${found.fault}`];
  });
}

describe("personify doctor", () => {
  test("finds all well where all is well, and leaves out nothing", async () => {
    const { report } = await examined();
    expect(report.checks.map(({ check, status }) => `${check} ${status}`)).toEqual([
      "settings ok",
      "dns ok",
      "proxy ok",
      "tls ok",
      "clock ok",
      "token endpoint ok",
      "credentials ok",
      "scope ok",
      "api ok",
      "tenant ok",
      "token ok",
    ]);
  });

  test("prints a line for each check, and the mend below what is wrong", async () => {
    const { code, stdout } = await runCli(["doctor"], {
      env: { ...settings, PERSONIFY_TENANT_ID: "nobody" },
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^✓ settings [\s\S]*\n✗ tenant +the API refuses the tenant \(HTTP 403\) \[tenant_refused\]\n +→ check PERSONIFY_TENANT_ID[^\n]*\n✓ token /,
    );
  });

  test("is interrupted by the signal, with 130", async () => {
    emulator.faults.add({ on: "token", kind: "stall", before: "headers", times: Infinity });
    const stop = new AbortController();
    emulator.clearRequests();
    const ended = runCli(["doctor"], { env: settings, signal: stop.signal });
    await expect.poll(() => emulator.requests({ kind: "token" }).length, { timeout: 15_000 }).toBe(1);
    stop.abort();
    expect(await ended).toMatchObject({ code: 130, stderr: "" });
  });

  test.each(["https://elsewhere.example/api", "C:/Program Files/Git/api"])(
    "ends with 2 for a --path that is none: %s",
    async (path) => {
      const ended = await runCli(["doctor", "--path", path], { env: settings });
      expect(ended).toMatchObject({ code: 2, stdout: "" });
    },
  );

  test("says of what it skips which fault that is for", async () => {
    const { report } = await examined({ PERSONIFY_CLIENT_ID: undefined });
    const [, ...skipped] = report.checks;
    for (const found of skipped) expect(found).toMatchObject({ detail: "settings has a fault" });
  });

  test("is interrupted while it waits for DNS", async () => {
    const lookup = vi.spyOn(dns, "lookup").mockReturnValue(new Promise(() => {}));
    syncBuiltinESMExports();
    onTestFinished(() => {
      lookup.mockRestore();
      syncBuiltinESMExports();
    });
    const stop = new AbortController();
    const ended = runCli(["doctor"], { env: settings, signal: stop.signal });
    await expect.poll(() => lookup.mock.calls.length, { timeout: 15_000 }).toBe(1);
    stop.abort();
    expect(await ended).toMatchObject({ code: 130, stderr: "" });
  });

  test("--no-tenant takes an API without tenants for well", async () => {
    emulator.faults.add({ on: "api", kind: "status", status: 200, body: {}, times: Infinity });
    expect(await examined({ PERSONIFY_TENANT_ID: undefined }, ["--no-tenant"])).toMatchObject({ faults: [] });
  });
});

describe("settings", () => {
  test.each<[string, Variables]>([
    ["settings_missing", { PERSONIFY_CLIENT_ID: undefined }],
    ["settings_missing", { PERSONIFY_CLIENT_SECRET: "  " }],
    ["settings_spaces", { PERSONIFY_CLIENT_SECRET: "planted-secret-1 " }],
    ["settings_spaces", { PERSONIFY_TENANT_ID: "tenant-1\r" }],
    ["settings_quotes", { PERSONIFY_CLIENT_SECRET: '"planted-secret-1"' }],
    ["settings_quotes", { PERSONIFY_CLIENT_ID: "“exhibitor-portal”" }],
    ["settings_invisible", { PERSONIFY_CLIENT_ID: "exhibitor\u200b-portal" }],
    ["settings_placeholder", { PERSONIFY_CLIENT_SECRET: "$PERSONIFY_SECRET" }],
    ["settings_placeholder", { PERSONIFY_TENANT_ID: "<your tenant>" }],
    ["settings_malformed", { PERSONIFY_API_BASE_URL: "api.example.org" }],
    ["settings_malformed", { PERSONIFY_TOKEN_URL: "ftp://example.org/connect/token" }],
    ["settings_malformed", { PERSONIFY_ALLOW_INSECURE_HTTP: undefined }],
    ["settings_malformed", { PERSONIFY_ALLOW_INSECURE_HTTP: "yes" }],
    ["settings_malformed", { PERSONIFY_SCOPE: "idp\\api" }],
  ])("%s is named, and nothing is sent: %j", async (name, changed) => {
    emulator.clearRequests();
    const { faults, text } = await examined(changed);
    expect(faults).toEqual([`settings: ${name}`]);
    expect(emulator.requests()).toEqual([]);
    expect(text.includes("planted")).toBe(false);
  });
});

test("settings_missing names what is set in vain", async () => {
  const { text } = await examined({ PERSONIFY_CLIENT_ID: undefined, PERSONIFY_CLIENTID: "x" });
  expect(text).toContain("not set: PERSONIFY_CLIENT_ID; set, but unknown: PERSONIFY_CLIENTID");
});

describe("the way there", () => {
  test("dns_failed is named, and a proxy that is set but not used is the mend", async () => {
    const changed = { PERSONIFY_TOKEN_URL: "https://nowhere.invalid/connect/token" };
    expect((await examined(changed)).faults).toEqual(["dns: dns_failed"]);
    const { text } = await examined({ ...changed, HTTPS_PROXY: "http://127.0.0.1:9" });
    expect(text).toContain("NODE_USE_ENV_PROXY=1");
  });

  test.each([
    [403, "proxy_refused"],
    [407, "proxy_auth_needed"],
  ])("a proxy that answers %i is named as %s, without its password", async (status, name) => {
    const proxy = await started(startProxy(status));
    const { faults, text } = await examined({
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: `http://user:planted-pass-1@127.0.0.1:${proxy.port}`,
    });
    expect(faults).toEqual([`proxy: ${name}`]);
    expect(proxy.asked).toEqual([
      {
        target: new URL(settings["PERSONIFY_API_BASE_URL"] as string).host,
        authorization: expect.any(String),
      },
    ]);
    expect(text.includes("planted")).toBe(false);
  });

  test("a proxy that refuses a name and password is not said to want some", async () => {
    const proxy = await started(startProxy(407));
    const through = (user: string) =>
      examined({ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: `http://${user}127.0.0.1:${proxy.port}` });
    expect((await through("")).text).toContain("wants a user name and password");
    expect((await through("user:planted-pass-2@")).text).toContain(
      "refuses its URL's user name and password",
    );
  });

  test.each(["http://127.0.0.1:9", "nonsense"])("proxy_unreachable is named: %s", async (url) => {
    const { faults } = await examined({ NODE_USE_ENV_PROXY: "1", HTTP_PROXY: url });
    expect(faults).toEqual(["proxy: proxy_unreachable"]);
  });

  test("a proxy that takes connections and says nothing is named as proxy_unreachable", async () => {
    const silent = await started(startSilence());
    const { faults, causes } = await quickly({
      NODE_USE_ENV_PROXY: "1",
      HTTP_PROXY: `http://127.0.0.1:${silent.port}`,
    });
    expect(faults).toEqual(["proxy: proxy_unreachable"]);
    expect(causes).toEqual([`the proxy 127.0.0.1:${silent.port} does not answer in time`]);
  });

  test("a proxy that lets both through is well, and so is one that NO_PROXY goes around", async () => {
    const proxy = await started(startProxy(200));
    const variables = { NODE_USE_ENV_PROXY: "1", HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await examined(variables)).toMatchObject({ faults: [] });
    expect(proxy.asked.length).toBe(2);
    expect(await examined({ ...variables, NO_PROXY: "example.org, 127.0.0.1" })).toMatchObject({
      faults: [],
    });
    expect(proxy.asked.length).toBe(2);
  });

  test.each([
    ["tls_expired", { from: -9, until: -1 }, false],
    ["tls_expired", { from: -9, until: -1 }, true],
    ["tls_not_yet_valid", { from: 1, until: 2 }, true],
    ["tls_wrong_host", { host: "elsewhere.example" }, true],
    ["tls_untrusted", {}, false],
  ])("%s is named, of %j, trusted: %s", async (name, given, isTrusted) => {
    const server = await started(startTls({ ...given, upstream: emulator.apiBaseUrl }));
    const trusted = getCACertificates();
    if (isTrusted) setDefaultCACertificates([...trusted, server.cert]);
    const changed = { PERSONIFY_API_BASE_URL: `https://localhost:${server.port}` };
    const { faults } = await examined(changed);
    setDefaultCACertificates(trusted);
    expect(faults).toEqual([`tls: ${name}`]);
  });

  test("a certificate that is trusted and in date is well, through a proxy too", async () => {
    const server = await started(startTls({ upstream: emulator.apiBaseUrl }));
    const proxy = await started(startProxy(200));
    const trusted = getCACertificates();
    setDefaultCACertificates([...trusted, server.cert]);
    const secure = {
      PERSONIFY_API_BASE_URL: `https://localhost:${server.port}`,
      PERSONIFY_TOKEN_URL: `https://localhost:${server.port}/connect/token`,
      PERSONIFY_ALLOW_INSECURE_HTTP: undefined,
    };
    const direct = await examined(secure);
    const variables = { NODE_USE_ENV_PROXY: "1", HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    const proxied = await examined({ ...secure, ...variables });
    setDefaultCACertificates(trusted);
    expect([direct.faults, proxied.faults]).toEqual([[], []]);
    expect(proxy.asked.length).toBe(3);
  });

  test("tls_not_spoken is named where plain HTTP answers", async () => {
    const { faults } = await examined({
      PERSONIFY_API_BASE_URL: emulator.apiBaseUrl.replace("http:", "https:"),
    });
    expect(faults).toEqual(["tls: tls_not_spoken"]);
  });

  test("connection_refused is named, with TLS and without", async () => {
    const { port, close } = await startProxy(200);
    await close();
    const plain = await examined({ PERSONIFY_TOKEN_URL: `http://127.0.0.1:${port}/connect/token` });
    expect(plain.faults).toEqual(["token endpoint: connection_refused"]);
    const secure = await examined({ PERSONIFY_TOKEN_URL: `https://127.0.0.1:${port}/connect/token` });
    expect(secure.faults).toEqual(["tls: connection_refused"]);
  });
});

/** Each fault of the emulator, for all requests, with what doctor is to name. */
const always = { times: Infinity };
const aDayAgo = new Date(Date.now() - 86_400_000).toUTCString();
describe("a fault of the servers", () => {
  test.each<[string, FaultDefinition]>([
    ["token endpoint: token_endpoint_html", { on: "token", kind: "html", ...always }],
    [
      "token endpoint: token_endpoint_redirect",
      { on: "token", kind: "redirect", location: "/login", ...always },
    ],
    ["token endpoint: token_endpoint_unavailable", { on: "token", kind: "status", status: 503, ...always }],
    ["token endpoint: token_endpoint_unavailable", { on: "token", kind: "status", status: 429, ...always }],
    [
      "token endpoint: token_endpoint_not_oauth",
      { on: "token", kind: "status", status: 400, body: "no", ...always },
    ],
    ["token endpoint: connection_broken", { on: "token", kind: "reset", ...always }],
    ["token endpoint: connection_broken", { on: "token", kind: "truncate", ...always }],
    [
      "credentials: token_answer_invalid",
      { on: "token", kind: "token-response", body: { access_token: "" }, ...always },
    ],
    [
      "credentials: token_request_refused",
      { on: "token", kind: "token-response", status: 400, body: { error: "invalid_request" }, ...always },
    ],
    ["api: api_html", { on: "api", kind: "html", ...always }],
    ["api: api_redirect", { on: "api", kind: "redirect", location: "https://login.example", ...always }],
    ["api: api_unavailable", { on: "api", kind: "status", status: 502, ...always }],
    ["api: connection_broken", { on: "api", kind: "reset", ...always }],
    ["tenant: api_not_json", { on: "api", kind: "status", status: 200, body: "no JSON", ...always }],
    ["tenant: call_refused", { on: "api", kind: "status", status: 403, body: {}, ...always }],
    ["token: token_rejected", { on: "api", kind: "reject-token", ...always }],
  ])("is named: %s", async (expected, definition) => {
    emulator.faults.add(definition);
    expect((await examined()).faults).toEqual([expected]);
  });

  test("is named where nothing comes: no_answer", async () => {
    emulator.faults.add({ on: "token", kind: "stall", before: "headers", times: Infinity });
    expect((await quickly({})).faults).toEqual(["token endpoint: no_answer"]);
  });

  test("is named where an answer does not end", async () => {
    const endless = await started(startEndless());
    const url = `http://127.0.0.1:${endless.port}`;
    const ofToken = await examined({ PERSONIFY_TOKEN_URL: `${url}/connect/token` });
    expect(ofToken.faults).toEqual(["token endpoint: token_endpoint_not_oauth"]);
    expect((await examined({ PERSONIFY_API_BASE_URL: url })).faults).toEqual(["tenant: answer_too_large"]);
  });

  test("is named where a base URL leads nowhere: a 404 with a token and without one tells nothing", async () => {
    const { faults, text } = await examined({ PERSONIFY_API_BASE_URL: `${emulator.apiBaseUrl}/v2` });
    expect(faults).toEqual(["tenant: api_not_found"]);
    expect(text).toContain("a call with a token and one without");
  });

  test.each([
    [401, "The tenant is unknown."],
    [404, "There is no such tenant."],
  ])("is named where the API answers %i for the tenant: tenant_refused", async (status, detail) => {
    const body = { detail };
    emulator.faults.add({ on: "api", kind: "status", status: 401, body: {} });
    emulator.faults.add({ on: "api", kind: "status", status, body, ...always });
    expect((await examined()).faults).toEqual(["tenant: tenant_refused"]);
  });

  test("is not seen in a 400 that blames nobody, and nor is more than that", async () => {
    emulator.faults.add({ on: "api", kind: "status", status: 400, body: { detail: "No id." }, ...always });
    const { report } = await examined();
    expect(report.checks.slice(-2)).toMatchObject([
      { status: "ok", detail: "not refused (HTTP 400)" },
      { status: "ok", detail: "not refused (HTTP 400)" },
    ]);
  });

  test("is not seen in JSON that is not OAuth's, and nor is OAuth", async () => {
    const { report } = await examined({ PERSONIFY_TOKEN_URL: `${emulator.apiBaseUrl}/api/v1/whoami` });
    expect(report.checks).toContainEqual({
      check: "token endpoint",
      status: "ok",
      detail: `${emulator.apiBaseUrl} answers JSON, without an error of OAuth's (HTTP 401)`,
    });
    expect(faultsIn(report.checks)).toEqual(["credentials: token_request_refused"]);
  });

  test("is named where its clock is a day off: clock_skew, and the rest is well", async () => {
    emulator.faults.add({
      on: "token",
      kind: "token-response",
      status: 400,
      body: { error: "invalid_client" },
      headers: { date: aDayAgo },
    });
    const { faults, text } = await examined();
    expect(faults).toEqual(["clock: clock_skew"]);
    expect(text).toMatch(/clock is 86\d\d\d s ahead of/);
  });

  test("is named where a URL is wrong: token_endpoint_not_found, api_not_found", async () => {
    const wrong = { PERSONIFY_TOKEN_URL: `${emulator.apiBaseUrl}/connect/tokens` };
    expect((await examined(wrong)).faults).toEqual(["token endpoint: token_endpoint_not_found"]);
    expect((await examined({}, ["--path", "/api/v1/no-such"])).faults).toEqual(["tenant: api_not_found"]);
  });
});

describe("what the client is refused for", () => {
  test.each<[string, () => Variables]>([
    ["credentials: credentials_refused", () => ({ PERSONIFY_CLIENT_SECRET: "wrong-secret-1" })],
    ["credentials: credentials_refused", () => ({ PERSONIFY_CLIENT_ID: "nobody" })],
    [
      "credentials: credentials_swapped",
      () => ({
        PERSONIFY_CLIENT_ID: "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
        PERSONIFY_CLIENT_SECRET: "portal",
      }),
    ],
    [
      "credentials: credentials_too_long",
      () => ({ PERSONIFY_CLIENT_SECRET: `${settings["PERSONIFY_CLIENT_SECRET"]}`.repeat(4) }),
    ],
    [
      "credentials: grant_not_allowed",
      () => ({
        PERSONIFY_CLIENT_ID: emulator.otherCredentials.withoutGrant.clientId,
        PERSONIFY_CLIENT_SECRET: emulator.otherCredentials.withoutGrant.clientSecret,
      }),
    ],
    ["scope: scope_not_allowed", () => ({ PERSONIFY_SCOPE: "idp_api floorplan" })],
    ["tenant: tenant_missing", () => ({ PERSONIFY_TENANT_ID: undefined })],
    ["tenant: tenant_refused", () => ({ PERSONIFY_TENANT_ID: "nobody" })],
    [
      "token: scope_insufficient",
      () => ({
        PERSONIFY_CLIENT_ID: emulator.otherCredentials.shortLived.clientId,
        PERSONIFY_CLIENT_SECRET: emulator.otherCredentials.shortLived.clientSecret,
        PERSONIFY_SCOPE: "floorplan",
      }),
    ],
  ])("is named: %s", async (expected, changed) => {
    const { faults, text } = await examined(changed());
    expect(faults).toEqual([expected]);
    expect(text.includes(emulator.credentials.clientSecret)).toBe(false);
  });

  test("is the tenant of another client: tenant_refused", async () => {
    emulator.clients.update("exhibitor-portal", { tenants: [emulator.tenants[1]?.id as string] });
    const { faults } = await examined();
    emulator.clients.update("exhibitor-portal", { tenants: "all" });
    expect(faults).toEqual(["tenant: tenant_refused"]);
  });

  test("names the scope that would be granted", async () => {
    const { text } = await examined({ PERSONIFY_SCOPE: "idp_api floorplan" });
    expect(text).toContain('set PERSONIFY_SCOPE to \\"idp_api\\"');
  });

  test("is a scope that is left out of the grant: scope_narrowed", async () => {
    const server = await started(
      startTokenEndpoint(() => ({
        status: 200,
        body: { access_token: "planted-token-1", token_type: "Bearer", scope: "idp_api" },
      })),
    );
    const { faults } = await examined({
      PERSONIFY_TOKEN_URL: `http://127.0.0.1:${server.port}/token`,
      PERSONIFY_SCOPE: "idp_api floorplan",
    });
    expect(faults).toEqual(["scope: scope_narrowed", "token: token_rejected"]);
  });

  test("is the secret alone, where an unknown id gets another answer: secret_wrong", async () => {
    const server = await started(
      startTokenEndpoint((form) => ({
        status: form.get("client_id") === "exhibitor-portal" ? 400 : 401,
        body: { error: "invalid_client" },
      })),
    );
    const { faults } = await examined({ PERSONIFY_TOKEN_URL: `http://127.0.0.1:${server.port}/token` });
    expect(faults).toEqual(["credentials: secret_wrong"]);
  });

  test("is id or secret, where each answer differs: credentials_refused", async () => {
    let trace = 0;
    const server = await started(
      startTokenEndpoint((form) => ({
        status: 400,
        body: { error: "invalid_client", error_description: `${form.get("client_id")}, trace ${trace++}` },
      })),
    );
    const { faults } = await examined({ PERSONIFY_TOKEN_URL: `http://127.0.0.1:${server.port}/token` });
    expect(faults).toEqual(["credentials: credentials_refused"]);
  });

  test("is no scope that was only named twice, or with more spaces", async () => {
    expect((await examined({ PERSONIFY_SCOPE: "idp_api  idp_api" })).faults).toEqual([]);
  });

  test("is more than a token that is answered: answer_too_large", async () => {
    const server = await started(
      startTokenEndpoint((form) => ({
        status: 400,
        body: form.has("client_id") ? { much: "x".repeat(2_000_000) } : { error: "invalid_request" },
      })),
    );
    const { faults } = await examined({ PERSONIFY_TOKEN_URL: `http://127.0.0.1:${server.port}/token` });
    expect(faults).toEqual(["credentials: answer_too_large"]);
  });

  test("is the way it authenticates, where the header works: client_auth_method", async () => {
    const server = await started(
      startTokenEndpoint((_form, authorization) =>
        authorization === undefined
          ? { status: 401, body: { error: "invalid_client" } }
          : { status: 200, body: { access_token: "planted-token-2", token_type: "Bearer" } },
      ),
    );
    const { faults } = await examined({ PERSONIFY_TOKEN_URL: `http://127.0.0.1:${server.port}/token` });
    expect(faults).toEqual(["credentials: client_auth_method"]);
  });
});
