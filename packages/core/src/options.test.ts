import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { Agent } from "undici";
import { describe, expect, test } from "vitest";
import { createPersonifyClient } from "./client.ts";
import { ConfigurationError } from "./errors.ts";
import { DEFAULTS, optionsFromEnv, type PersonifyClientOptions, resolveOptions } from "./options.ts";

const secret = "do-not-show-8c1f";
const good: PersonifyClientOptions = {
  clientId: "id",
  clientSecret: secret,
  apiBaseUrl: "https://api.example.org",
};

const resolve = (changes: Partial<Record<keyof PersonifyClientOptions, unknown>> = {}) =>
  resolveOptions({ ...good, ...changes } as PersonifyClientOptions);

function refusal(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ code: "invalid_option", status: 500, retryable: false });
    return error as Error;
  }
  throw new Error("A ConfigurationError was expected");
}

describe("defaults", () => {
  /** The sentence about the default in each option's own docstring. */
  function documentedDefaults(): Record<string, string> {
    const source = readFileSync(new URL("./options.ts", import.meta.url), "utf8");
    const body = /export interface PersonifyClientOptions \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
    const entries = [...body.matchAll(/\/\*\*([\s\S]*?)\*\/\s*(\w+)\??:/g)].map(
      ([, comment = "", name = ""]) => {
        const text = comment.replace(/\s*\n\s*\* ?/g, " ");
        return [name, [...text.matchAll(/[Dd]efault:? [^;]*?(?=[.,](?:\s|$))/g)].join(" | ")];
      },
    );
    return Object.fromEntries(entries.filter(([, sentence]) => sentence !== ""));
  }

  test("are documented for every option that may be left out", () => {
    expect(documentedDefaults()).toEqual({
      tenantId: "Default: none",
      tokenUrl: `Default \`${DEFAULTS.tokenUrl}\``,
      scope: `Default \`${DEFAULTS.scope}\``,
      tokenParameters: "Default: none",
      clientAuth: "Default `clientSecretPost()`",
      tokenStore: "Default: none",
      allowedOrigins: "Default: none",
      allowInsecureHttp: "Default: https only",
      timeout: "default 10,000 | default 30,000",
      retry: "Default: see `RetryPolicy`",
      onEvent: "Default: none",
      aroundCall: "Default: none",
      dispatcher: "Default: undici's global one",
      fetch: "Default: none",
    });
  });

  test("are what is documented", () => {
    const { tokenUrl, allowedOrigins, clientAuth, ...rest } = resolve();

    expect(tokenUrl.href).toBe("https://prod.personifyauth.com/connect/token");
    expect([...allowedOrigins]).toEqual([]);
    expect(clientAuth.name).toBe("client_secret_post");
    expect(rest).toEqual({
      clientId: "id",
      clientSecret: secret,
      apiBaseUrl: new URL("https://api.example.org/"),
      tenantId: undefined,
      scope: "idp_api",
      tokenParameters: [],
      tokenStore: undefined,
      timeout: { token: 10_000, request: 30_000 },
      retry: { maxRetries: 2, baseDelay: 200, maxDelay: 5_000 },
      onEvent: undefined,
      aroundCall: undefined,
      dispatcher: undefined,
      fetch: undefined,
    });
  });

  test("of RetryPolicy are what is documented", () => {
    const source = readFileSync(new URL("./http/retry.ts", import.meta.url), "utf8");
    const body = /export interface RetryPolicy \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
    const documented = [...body.matchAll(/Default ([\d,]+)[\s\S]*?(\w+): number/g)].map(
      ([, value = "", name = ""]) => [name, Number(value.replace(",", ""))],
    );

    expect(Object.fromEntries(documented)).toEqual(DEFAULTS.retry);
  });

  test("take the place of what is undefined, alone or in timeout and retry", () => {
    const names = ["tenantId", "tokenUrl", "scope", "tokenParameters", "clientAuth", "tokenStore"] as const;
    const others = ["allowedOrigins", "allowInsecureHttp", "timeout", "retry", "onEvent", "fetch"] as const;
    const undefineds = Object.fromEntries([...names, ...others].map((name) => [name, undefined]));

    expect(JSON.stringify(resolve(undefineds))).toBe(JSON.stringify(resolve()));
    expect(resolve({ timeout: { token: undefined, request: 5 } }).timeout).toEqual({
      token: 10_000,
      request: 5,
    });
    expect(resolve({ retry: { maxRetries: 0 } }).retry).toEqual({
      maxRetries: 0,
      baseDelay: 200,
      maxDelay: 5_000,
    });
    expect(resolve({ retry: false }).retry.maxRetries).toBe(0);
  });
});

describe("a bad option is refused with its name, what came and what would be right:", () => {
  const url = "https://x.example";
  const http = (changes: object) => ({ allowInsecureHttp: "loopback", ...changes });
  const cases: [what: string, changes: object, message: RegExp][] = [
    ["no clientId", { clientId: undefined }, /clientId: expected a non-empty string, got undefined/],
    ["an empty clientId", { clientId: "" }, /clientId: expected a non-empty string, got ""/],
    ["a clientId of another type", { clientId: 7 }, /clientId: expected a non-empty string, got 7/],
    ["a clientId with a lone surrogate", { clientId: "\ud800" }, /clientId: expected/],
    [
      "no clientSecret",
      { clientSecret: undefined },
      /clientSecret: expected a non-empty string, or a function/,
    ],
    ["an empty clientSecret", { clientSecret: "" }, /clientSecret: expected/],
    ["a clientSecret of another type", { clientSecret: [secret] }, /clientSecret: expected/],
    ["no apiBaseUrl", { apiBaseUrl: undefined }, /apiBaseUrl: expected .*, got undefined/],
    ["an apiBaseUrl that is null", { apiBaseUrl: null }, /apiBaseUrl: expected .*, got null/],
    ["an empty apiBaseUrl", { apiBaseUrl: "" }, /apiBaseUrl: expected .*, got ""/],
    [
      "an apiBaseUrl of another type",
      { apiBaseUrl: { href: url } },
      /apiBaseUrl: expected a URL, got .*object/,
    ],
    ["a relative apiBaseUrl", { apiBaseUrl: "/api" }, /apiBaseUrl: expected an absolute URL.*got "\/api"/],
    ["a malformed apiBaseUrl", { apiBaseUrl: "https://[" }, /apiBaseUrl: expected an absolute URL/],
    ["a malformed tokenUrl", { tokenUrl: "token" }, /tokenUrl: expected an absolute URL.*got "token"/],
    ["a tokenUrl of another type", { tokenUrl: 7 }, /tokenUrl: expected a URL, got 7/],
    ["a tokenUrl that is null", { tokenUrl: null }, /tokenUrl: expected a URL, got null/],
    [
      "a user part",
      { apiBaseUrl: `https://u:${secret}@x.example` },
      /apiBaseUrl: expected .*without a user name/,
    ],
    ["a user name", { tokenUrl: `https://${secret}@x.example` }, /tokenUrl: expected .*without a user name/],
    ["a fragment", { apiBaseUrl: `${url}/#a` }, /apiBaseUrl: expected a URL without a fragment/],
    ["an empty fragment", { apiBaseUrl: `${url}/api#` }, /apiBaseUrl: expected a URL without a fragment/],
    ["a fragment of tokenUrl", { tokenUrl: `${url}/#a` }, /tokenUrl: expected a URL without a fragment/],
    ["a query", { apiBaseUrl: `${url}/?a=${secret}` }, /apiBaseUrl: expected a URL without a query/],
    ["an empty query", { apiBaseUrl: `${url}/api?` }, /apiBaseUrl: expected a URL without a query/],
    ["another scheme", { apiBaseUrl: "ftp://x.example" }, /apiBaseUrl: expected an https:\/\/ URL, got ftp:/],
    ["http", { apiBaseUrl: "http://x.example" }, /apiBaseUrl: expected an https:\/\/ .*got http:.*loopback/],
    ["http on loopback, not allowed", { apiBaseUrl: "http://127.0.0.1" }, /apiBaseUrl.*allowInsecureHttp/],
    ["http of tokenUrl", { tokenUrl: "http://x.example" }, /tokenUrl: expected an https:\/\//],
    [
      "http elsewhere",
      http({ apiBaseUrl: "http://example.org" }),
      /apiBaseUrl: http.*127\.0\.0\.0\/8.*https/,
    ],
    [
      "http of tokenUrl elsewhere",
      http({ tokenUrl: "http://example.org" }),
      /tokenUrl: http.*127\.0\.0\.0\/8/,
    ],
    ["http on a loopback's look-alike", http({ apiBaseUrl: "http://127.0.0.1.example" }), /apiBaseUrl: http/],
    ["http on localhost's look-alike", http({ apiBaseUrl: "http://localhost.example" }), /apiBaseUrl: http/],
    ["http on 0.0.0.0", http({ apiBaseUrl: "http://0.0.0.0" }), /apiBaseUrl: http/],
    ["http on a private address", http({ apiBaseUrl: "http://10.0.0.1" }), /apiBaseUrl: http/],
    [
      "http in allowedOrigins",
      { allowedOrigins: ["http://127.0.0.1"] },
      /allowedOrigins\[0\]: expected an https/,
    ],
    [
      "another allowInsecureHttp",
      { allowInsecureHttp: "all" },
      /allowInsecureHttp: expected "loopback", got "all"/,
    ],
    [
      "allowInsecureHttp true",
      { allowInsecureHttp: true },
      /allowInsecureHttp: expected "loopback", got true/,
    ],
    ["an empty tenantId", { tenantId: "" }, /tenantId: expected 1 to 256 visible ASCII characters, got ""/],
    ["tenantId true", { tenantId: true }, /tenantId: expected .*, got true/],
    ["tenantId null", { tenantId: null }, /tenantId: expected .*, got null/],
    ["a tenantId with a line break", { tenantId: "a\nb" }, /tenantId: expected .*, got "a\\nb"/],
    [
      "a long tenantId",
      { tenantId: "t".repeat(257) },
      /tenantId: expected .*, got a string of 257 characters/,
    ],
    ["a scope with a quote", { scope: 'a"b' }, /scope: expected scopes separated by spaces.*RFC 6749.*, got/],
    ["a scope with a line break", { scope: "a\nb" }, /scope: expected scopes/],
    ["a scope of another type", { scope: ["a"] }, /scope: expected scopes .*got an array/],
    ["a scope that is null", { scope: null }, /scope: expected scopes .*got null/],
    [
      "tokenParameters of another type",
      { tokenParameters: "a=b" },
      /tokenParameters: expected an object, got "a=b"/,
    ],
    [
      "tokenParameters that are null",
      { tokenParameters: null },
      /tokenParameters: expected an object, got null/,
    ],
    [
      "tokenParameters that are a list",
      { tokenParameters: ["a"] },
      /tokenParameters: expected an object, got an array/,
    ],
    ["an empty parameter", { tokenParameters: { a: "" } }, /tokenParameters\.a: expected a non-empty string/],
    ["a parameter of another type", { tokenParameters: { a: 7 } }, /tokenParameters\.a: expected .*, got 7/],
    [
      "a list with another type",
      { tokenParameters: { a: ["b", 7] } },
      /tokenParameters\.a: expected .*, got 7/,
    ],
    ["clientAuth of another type", { clientAuth: "basic" }, /clientAuth: expected a function, got "basic"/],
    [
      "a tokenStore without set",
      { tokenStore: { get() {} } },
      /tokenStore: expected an object with get and set/,
    ],
    ["a tokenStore that is null", { tokenStore: null }, /tokenStore: expected .*, got null/],
    ["one allowed origin", { allowedOrigins: url }, /allowedOrigins: expected an array of origins, got/],
    [
      "allowedOrigins that are null",
      { allowedOrigins: null },
      /allowedOrigins: expected an array of origins, got null/,
    ],
    [
      "an allowed origin with a path",
      { allowedOrigins: [url, `${url}/a`] },
      /allowedOrigins\[1\]: .*without a path/,
    ],
    [
      "a malformed allowed origin",
      { allowedOrigins: ["x.example"] },
      /allowedOrigins\[0\]: expected an absolute URL/,
    ],
    ["an allowed origin *", { allowedOrigins: ["*"] }, /allowedOrigins\[0\]: expected an absolute URL/],
    ["a timeout that is a number", { timeout: 5 }, /timeout: expected an object \{ token, request \}, got 5/],
    ["a timeout that is null", { timeout: null }, /timeout: expected an object .*, got null/],
    ["a timeout that is a list", { timeout: [] }, /timeout: expected an object .*, got an array/],
    [
      "an unknown timeout",
      { timeout: { connect: 5 } },
      /timeout\.connect does not exist; use one of token, request/,
    ],
    ...[0, -1, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY, "5", null].flatMap(
      (ms): [string, object, RegExp][] => [
        [
          `timeout.token ${ms}`,
          { timeout: { token: ms } },
          /timeout\.token: expected a number of ms from 1 to/,
        ],
        [`timeout.request ${ms}`, { timeout: { request: ms } }, /timeout\.request: expected a number of ms/],
        [`retry.baseDelay ${ms}`, { retry: { baseDelay: ms } }, /retry\.baseDelay: expected a number of ms/],
        [`retry.maxDelay ${ms}`, { retry: { maxDelay: ms } }, /retry\.maxDelay: expected a number of ms/],
      ],
    ),
    ...[-1, 11, 1.5, Number.NaN, "2", null].map((count): [string, object, RegExp] => [
      `retry.maxRetries ${count}`,
      { retry: { maxRetries: count } },
      /retry\.maxRetries: expected a whole number from 0 to 10, got/,
    ]),
    ["retry true", { retry: true }, /retry: expected an object or false, got true/],
    ["retry null", { retry: null }, /retry: expected an object or false, got null/],
    ["retry that is a list", { retry: [] }, /retry: expected an object or false, got an array/],
    ["an unknown retry", { retry: { retries: 5 } }, /retry\.retries does not exist; use one of maxRetries, /],
    [
      "aroundCall of another type",
      { aroundCall: {} },
      /aroundCall: expected a function, got a value of type/,
    ],
    ["onEvent of another type", { onEvent: {} }, /onEvent: expected a function, got a value of type object/],
    ["a dispatcher of another type", { dispatcher: {} }, /dispatcher: expected an undici Dispatcher/],
    ["fetch of another type", { fetch: true }, /fetch: expected a function, got true/],
    ["dispatcher and fetch", { dispatcher: new Agent(), fetch }, /dispatcher and fetch exclude each other/],
    [
      "an unknown option",
      { clientSecert: secret },
      /clientSecert does not exist; use one of clientId, clientSecret/,
    ],
    ["another spelling", { ClientId: "id" }, /ClientId does not exist/],
    ...["grant_type", "client_id", "client_secret", "client_assertion", "client_assertion_type", "scope"].map(
      (name): [string, object, RegExp] => [
        `the reserved parameter ${name}`,
        { tokenParameters: { [name]: secret } },
        new RegExp(`tokenParameters\\.${name}: the client sets this parameter itself; use clientId`),
      ],
    ),
  ];

  test.each(cases)("%s", (_what, changes, message) => {
    const error = refusal(() => resolve(changes));

    expect(error.message).toMatch(message);
    expect(inspect(error, { showHidden: true, depth: Infinity })).not.toContain(secret);
    refusal(() => createPersonifyClient({ ...good, ...changes } as PersonifyClientOptions));
  });

  test.each([undefined, null, "id", 7])("%j in place of options", (options) => {
    expect(refusal(() => resolveOptions(options as never)).message).toMatch(
      /options: expected an object, got/,
    );
  });

  test("a long value or an address is described by its length, since it may hold a secret", () => {
    for (const value of [`https://u:${secret}@`, `${"x".repeat(80)}${secret}`, `/token?key=${secret}`]) {
      const { message } = refusal(() => resolve({ tokenUrl: value }));
      expect(message).toContain(`got a string of ${value.length} characters`);
      expect(message).not.toContain(secret);
    }
  });
});

describe("a good option", () => {
  test.each([
    "http://127.0.0.1",
    "http://127.0.0.1:8080/api",
    "http://127.9.9.9",
    "http://127.1",
    "http://0x7f.0.0.1",
    "http://[::1]",
    "http://[::1]:8080",
    "http://localhost",
    "http://LOCALHOST:3000",
  ])('%s is allowed with allowInsecureHttp: "loopback"', (url) => {
    const resolved = resolve({
      apiBaseUrl: url,
      tokenUrl: url,
      allowedOrigins: [new URL(url).origin],
      allowInsecureHttp: "loopback",
    });

    expect(resolved.apiBaseUrl.origin).toBe(new URL(url).origin);
    expect(resolved.tokenUrl.href).toBe(new URL(url).href);
    expect([...resolved.allowedOrigins]).toEqual([new URL(url).origin]);
  });

  test("https is fine with allowInsecureHttp too", () => {
    expect(resolve({ allowInsecureHttp: "loopback" }).apiBaseUrl.protocol).toBe("https:");
  });

  test("apiBaseUrl ends in a slash, and a URL that was given is not changed", () => {
    const given = new URL("https://api.example.org/base");

    expect(resolve({ apiBaseUrl: given }).apiBaseUrl.href).toBe("https://api.example.org/base/");
    expect(resolve({ apiBaseUrl: "https://api.example.org/base/" }).apiBaseUrl.pathname).toBe("/base/");
    expect(given.href).toBe("https://api.example.org/base");
  });

  test("tokenUrl may have a query (RFC 6749 §3.2)", () => {
    expect(resolve({ tokenUrl: "https://x.example/token?p=1" }).tokenUrl.search).toBe("?p=1");
  });

  test.each([
    ["b a", "a b"],
    ["a b a  b", "a b"],
    ["  a  ", "a"],
    ["a", "a"],
    ["", undefined],
    ["   ", undefined],
    ["A a", "A a"],
  ])("scope %j is normalised to %j", (given, expected) => {
    expect(resolve({ scope: given }).scope).toBe(expected);
  });

  test("tokenParameters are sorted by name, and a list keeps its order", () => {
    const tokenParameters = { resource: ["urn:b", "urn:a"], audience: "x" };

    expect(resolve({ tokenParameters }).tokenParameters).toEqual([
      ["audience", "x"],
      ["resource", "urn:b"],
      ["resource", "urn:a"],
    ]);
  });

  test("allowedOrigins are origins, each once", () => {
    const allowedOrigins = ["https://x.example/", new URL("https://x.example:443"), "https://y.example:8443"];

    expect([...resolve({ allowedOrigins }).allowedOrigins]).toEqual([
      "https://x.example",
      "https://y.example:8443",
    ]);
  });

  test("tenantId false stays false", () => {
    expect(resolve({ tenantId: false }).tenantId).toBe(false);
  });

  test.each([1, 1.5, 2 ** 31 - 1])("a time limit of %d ms is within the range", (ms) => {
    expect(resolve({ timeout: { token: ms, request: ms } }).timeout).toEqual({ token: ms, request: ms });
  });
});

describe("optionsFromEnv", () => {
  const required = {
    PERSONIFY_CLIENT_ID: "id",
    PERSONIFY_CLIENT_SECRET: secret,
    PERSONIFY_API_BASE_URL: "https://api.example.org",
  };

  test("reads every variable", () => {
    const { clientSecret, ...rest } = optionsFromEnv({
      ...required,
      PERSONIFY_TENANT_ID: "tenant-1",
      PERSONIFY_TOKEN_URL: "http://localhost/token",
      PERSONIFY_SCOPE: "a b",
      PERSONIFY_ALLOW_INSECURE_HTTP: "loopback",
      UNRELATED: "x",
    });

    expect(rest).toEqual({
      clientId: "id",
      apiBaseUrl: "https://api.example.org",
      tenantId: "tenant-1",
      tokenUrl: "http://localhost/token",
      scope: "a b",
      allowInsecureHttp: "loopback",
    });
    expect((clientSecret as () => string)()).toBe(secret);
  });

  test("leaves out what is not set or empty, so that defaults apply", () => {
    const options = optionsFromEnv({
      ...required,
      PERSONIFY_TENANT_ID: "",
      PERSONIFY_SCOPE: "",
      PERSONIFY_TOKEN_URL: undefined,
      PERSONIFY_ALLOW_INSECURE_HTTP: "",
    });

    expect(Object.keys(options)).toEqual(["clientId", "clientSecret", "apiBaseUrl"]);
    expect(resolveOptions(options).scope).toBe(DEFAULTS.scope);
  });

  test("takes process.env", () => {
    expect(optionsFromEnv({ ...process.env, ...required }).clientId).toBe("id");
  });

  test.each(Object.keys(required))("names %s where it is missing or empty", (name) => {
    for (const value of [undefined, ""]) {
      const error = refusal(() => optionsFromEnv({ ...required, [name]: value }));
      expect(error.message).toContain(`Missing or empty in the environment: ${name};`);
      expect(inspect(error, { showHidden: true })).not.toContain(secret);
    }
  });

  test("refuses another PERSONIFY_ALLOW_INSECURE_HTTP by name", () => {
    const { message } = refusal(() => optionsFromEnv({ ...required, PERSONIFY_ALLOW_INSECURE_HTTP: "true" }));

    expect(message).toMatch(/PERSONIFY_ALLOW_INSECURE_HTTP: expected "loopback", got "true"/);
  });

  test("returns what shows no secret when it is logged, copied or serialised", () => {
    const options = optionsFromEnv(required);
    const spread = { ...options, tenantId: "a" };

    for (const value of [options, spread, Object.entries(options), new Map([["a", options]])]) {
      const shown = [
        JSON.stringify(value),
        inspect(value),
        inspect(value, { depth: Infinity, showHidden: true }),
        String(value),
        String(options.clientSecret),
        inspect(options.clientSecret, { showHidden: true }),
      ];
      expect(shown.join("\n")).not.toContain(secret);
    }
    expect((spread.clientSecret as () => string)()).toBe(secret);
  });
});
