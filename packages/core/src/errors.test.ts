import { inspect } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  ApiError,
  ConfigurationError,
  isPersonifyError,
  NetworkError,
  PersonifyError,
  type PersonifyErrorCode,
  TimeoutError,
  TokenRequestError,
} from "./errors.ts";

const upstream = (status: number, data: unknown = "upstream-body") => ({
  status,
  headers: new Headers({ "x-upstream": "upstream-header" }),
  data,
});
const apiError = (status: number, retryAfter?: number) =>
  new ApiError("message", { code: "api_error", retryAfter }, upstream(status));
const tokenError = (code: PersonifyErrorCode, retryAfter?: number) =>
  new TokenRequestError("message", {
    code,
    retryAfter,
    retryable: code === "token_endpoint_unavailable",
    error: "invalid_client",
    errorDescription: "upstream-description",
  });
const requestError = (code: PersonifyErrorCode, status: number) =>
  new PersonifyError("message", { code, status });

interface Row {
  readonly error: PersonifyError;
  readonly name: string;
  readonly status: number;
  readonly retryable?: boolean;
  readonly retryAfter?: string;
}
const retryable = true;

/** What the end user gets of each error that is not caught. Each code is here. */
const rows: Record<string, Row> = {
  invalid_option: { error: new ConfigurationError("message"), name: "ConfigurationError", status: 500 },
  ...Object.fromEntries(
    (["missing_tenant", "target_refused", "header_refused"] as const).map((code) => [
      code,
      { error: new ConfigurationError("message", code), name: "ConfigurationError", status: 500 },
    ]),
  ),
  request_tenant_missing: {
    error: requestError("request_tenant_missing", 400),
    name: "PersonifyError",
    status: 400,
  },
  request_tenant_invalid: {
    error: requestError("request_tenant_invalid", 400),
    name: "PersonifyError",
    status: 400,
  },
  request_tenant_not_allowed: {
    error: requestError("request_tenant_not_allowed", 403),
    name: "PersonifyError",
    status: 403,
  },
  request_header_invalid: {
    error: requestError("request_header_invalid", 400),
    name: "PersonifyError",
    status: 400,
  },
  client_secret_unavailable: {
    error: new PersonifyError("message", {
      code: "client_secret_unavailable",
      status: 502,
      retryable: true,
      cause: new Error("vault"),
    }),
    name: "PersonifyError",
    status: 502,
    retryable,
  },
  client_auth_failed: {
    error: new PersonifyError("message", { code: "client_auth_failed", status: 502, retryable: true }),
    name: "PersonifyError",
    status: 502,
    retryable,
  },
  token_request_refused: {
    error: tokenError("token_request_refused"),
    name: "TokenRequestError",
    status: 502,
  },
  token_response_invalid: {
    error: tokenError("token_response_invalid"),
    name: "TokenRequestError",
    status: 502,
  },
  token_endpoint_unavailable: {
    error: tokenError("token_endpoint_unavailable"),
    name: "TokenRequestError",
    status: 503,
    retryable,
    retryAfter: "5",
  },
  "token_endpoint_unavailable with Retry-After": {
    error: tokenError("token_endpoint_unavailable", 20_000),
    name: "TokenRequestError",
    status: 503,
    retryable,
    retryAfter: "20",
  },
  token_timeout: {
    error: new TimeoutError("message", "token_timeout"),
    name: "TimeoutError",
    status: 504,
    retryable,
  },
  request_timeout: {
    error: new TimeoutError("message", "request_timeout"),
    name: "TimeoutError",
    status: 504,
    retryable,
  },
  network_error: {
    error: new NetworkError("message", { code: "network_error", retryable: true }),
    name: "NetworkError",
    status: 502,
    retryable,
  },
  "network_error that does not pass": {
    error: new NetworkError("message", { code: "network_error", retryable: false }),
    name: "NetworkError",
    status: 502,
  },
  token_network_error: {
    error: new NetworkError("message", { code: "token_network_error", retryable: true }),
    name: "NetworkError",
    status: 502,
    retryable,
  },
  response_too_large: {
    error: new NetworkError("message", { code: "response_too_large", retryable: false }),
    name: "NetworkError",
    status: 502,
  },
  response_invalid: {
    error: new ApiError("message", { code: "response_invalid" }, upstream(200)),
    name: "ApiError",
    status: 502,
  },
  ...Object.fromEntries(
    [302, 400, 401, 403, 404, 409, 422].map((status): [string, Row] => [
      `api_error of a ${status}`,
      { error: apiError(status), name: "ApiError", status: 502 },
    ]),
  ),
  ...Object.fromEntries(
    [408, 500, 502, 504].map((status): [string, Row] => [
      `api_error of a ${status}`,
      { error: apiError(status), name: "ApiError", status: 502, retryable },
    ]),
  ),
  ...Object.fromEntries(
    [429, 503].flatMap((status): [string, Row][] => [
      [
        `api_error of a ${status}`,
        { error: apiError(status), name: "ApiError", status: 503, retryable, retryAfter: "5" },
      ],
      [
        `api_error of a ${status} with Retry-After`,
        { error: apiError(status, 6_001), name: "ApiError", status: 503, retryable, retryAfter: "7" },
      ],
      [
        `api_error of a ${status} with Retry-After: 0`,
        { error: apiError(status, 0), name: "ApiError", status: 503, retryable, retryAfter: "0" },
      ],
    ]),
  ),
};

/** The compiler sees to it that no code is left out. */
const allCodes: Record<PersonifyErrorCode, true> = {
  invalid_option: true,
  missing_tenant: true,
  target_refused: true,
  header_refused: true,
  request_tenant_missing: true,
  request_tenant_invalid: true,
  request_tenant_not_allowed: true,
  request_header_invalid: true,
  token_request_refused: true,
  token_endpoint_unavailable: true,
  token_response_invalid: true,
  client_secret_unavailable: true,
  client_auth_failed: true,
  token_timeout: true,
  request_timeout: true,
  network_error: true,
  token_network_error: true,
  response_too_large: true,
  response_invalid: true,
  api_error: true,
};

test("every code is in the table below", () => {
  expect(new Set(Object.values(rows).map(({ error }) => error.code))).toEqual(new Set(Object.keys(allCodes)));
});

const reasons: Record<number, string> = {
  400: "Bad Request",
  403: "Forbidden",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

describe.each(Object.entries(rows))("an uncaught %s", (what, row) => {
  const { error, name, status, retryAfter } = row;

  test(`is a ${name} that answers the end user with ${status}`, async () => {
    expect(error).toBeInstanceOf(PersonifyError);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe(name);
    expect(what.startsWith(error.code)).toBe(true);
    expect(error.status).toBe(status);
    expect(error.statusCode).toBe(status);
    expect(error.expose).toBe(false);
    expect(error.retryable).toBe(row.retryable ?? false);
    expect(error.headers).toEqual(retryAfter === undefined ? {} : { "retry-after": retryAfter });

    const response = error.getResponse();
    expect(response.status).toBe(status);
    expect(response.headers.get("retry-after")).toBe(retryAfter ?? null);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await response.text()).toBe(reasons[status]);
  });

  test("is never a 401", () => {
    expect(error.status).not.toBe(401);
    expect(error.getResponse().status).not.toBe(401);
  });

  test("shows its message, code and status when logged, and neither name, brand nor anything upstream", () => {
    for (const text of [inspect(error, { depth: Infinity }), JSON.stringify(error), String(error)]) {
      expect(text).not.toContain("upstream");
      expect(text).not.toContain("@personify-auth/core/error");
      expect(text).not.toContain("[Symbol");
    }
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain("upstream");
    expect(inspect(error)).toMatch(new RegExp(`^${name}: message\\n`));
    expect(inspect(error)).toContain(`code: '${error.code}'`);
    expect(inspect(error)).not.toMatch(/^\s*\[?name\]?:/m);
    expect(Object.keys(error)).not.toContain("name");
  });

  test("may be given another status by a framework", async () => {
    const copy: PersonifyError = Object.create(error);
    copy.status = 500;
    copy.statusCode = 500;

    expect(copy.getResponse().status).toBe(500);
    expect(await copy.getResponse().text()).toBe(reasons[500]);
  });
});

test("status is writable on the error itself, as Koa wants it", () => {
  const error = apiError(404);

  error.status = 500;

  expect(error.status).toBe(500);
  expect(Object.getOwnPropertyDescriptor(error, "status")?.writable).toBe(true);
});

test("an ApiError says what the upstream answered", () => {
  const { response } = apiError(404);

  expect(response).toMatchObject({ status: 404, data: "upstream-body" });
  expect(response.headers.get("x-upstream")).toBe("upstream-header");
});

test("a TokenRequestError says what the token endpoint answered", () => {
  expect(tokenError("token_request_refused", 3_000)).toMatchObject({
    error: "invalid_client",
    errorDescription: "upstream-description",
    retryAfter: 3_000,
  });
});

test("a cause is kept where there is one, and no cause is made up", () => {
  const cause = new Error("vault");
  const error = new PersonifyError("message", { code: "client_secret_unavailable", status: 502, cause });

  expect(error.cause).toBe(cause);
  expect("cause" in apiError(500)).toBe(false);
});

describe("isPersonifyError", () => {
  test("agrees between two copies of the package, in both directions and for each class", async () => {
    vi.resetModules();
    const copy: typeof import("./errors.ts") = await import("./errors.ts");
    expect(copy.PersonifyError).not.toBe(PersonifyError);

    const theirs = [
      new copy.ConfigurationError("x"),
      new copy.TimeoutError("x", "token_timeout"),
      new copy.NetworkError("x", { code: "network_error", retryable: true }),
      new copy.ApiError("x", { code: "api_error" }, upstream(404)),
      new copy.TokenRequestError("x", { code: "token_request_refused" }),
      new copy.PersonifyError("x", { code: "request_tenant_missing", status: 400 }),
    ];

    for (const error of theirs) {
      expect(error).not.toBeInstanceOf(PersonifyError);
      expect(isPersonifyError(error)).toBe(true);
    }
    for (const { error } of Object.values(rows)) expect(copy.isPersonifyError(error)).toBe(true);
  });

  test("holds for subclasses", () => {
    class Own extends ApiError {}

    expect(isPersonifyError(new Own("x", { code: "api_error" }, upstream(500)))).toBe(true);
  });

  test.each([
    undefined,
    null,
    "PersonifyError",
    7,
    {},
    new Error("x"),
    Object.assign(new Error("x"), { name: "PersonifyError", code: "api_error" }),
    Object.assign(new Error("x"), { [Symbol("@personify-auth/core/error")]: true }),
    PersonifyError,
  ])("is false for %o", (value) => {
    expect(isPersonifyError(value)).toBe(false);
  });
});
