import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { ApiError, isPersonifyError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { readResponse } from "./response.ts";

function answer(status: number, body: string, headers: [string, string][] = []) {
  return { status, headers: new Headers(headers), body };
}

function errorOf(...given: Parameters<typeof answer>): ApiError {
  try {
    readResponse(answer(...given), "GET", "/api/v1/x");
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  throw new Error("Expected an ApiError");
}

describe("a successful answer", () => {
  test.each([
    ['{"a":[1,"ü"]}', { a: [1, "ü"] }],
    ["[]", []],
    ["null", null],
    ["0", 0],
    ["false", false],
    ['"text"', "text"],
    [' \r\n{"a":1}\r\n ', { a: 1 }],
    ["", undefined],
  ])("%j is read as %o", (body, expected) => {
    expect(readResponse(answer(200, body), "GET", "/x")).toEqual(expected);
  });

  test.each([200, 201, 202, 299])("may be %i", (status) => {
    expect(readResponse(answer(status, "1"), "GET", "/x")).toBe(1);
  });

  test("may be 204 and empty", () => {
    expect(readResponse(answer(204, ""), "DELETE", "/x")).toBeUndefined();
  });

  test.each(["<html>s3cr3t</html>", "s3cr3t", '{"a":"s3cr3t"', "{s3cr3t}", "NaN", "\u0000"])(
    "that is not JSON, %j, is response_invalid; the text is on error.response",
    (body) => {
      const error = errorOf(200, body, [["content-type", "text/html"]]);
      expect(error).toMatchObject({ code: "response_invalid", status: 502, retryable: false, headers: {} });
      expect(error.message).toContain("GET /api/v1/x");
      expect(error.response).toMatchObject({ status: 200, data: body });
      expect(error.response.headers.get("content-type")).toBe("text/html");
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    },
  );
});

describe("any other status is an ApiError with it on error.response", () => {
  test.each<[upstream: number, endUser: number, retryable: boolean]>([
    [300, 502, false],
    [302, 502, false],
    [304, 502, false],
    [400, 502, false],
    [401, 502, false],
    [403, 502, false],
    [404, 502, false],
    [408, 502, true],
    [409, 502, false],
    [418, 502, false],
    [422, 502, false],
    [429, 503, true],
    [500, 502, true],
    [502, 502, true],
    [503, 503, true],
    [504, 502, true],
    [599, 502, true],
  ])("%i: the end user gets %i, retryable %s", (upstream, endUser, retryable) => {
    const error = errorOf(upstream, '{"title":"no"}');
    expect(error).toMatchObject({
      name: "ApiError",
      code: "api_error",
      status: endUser,
      statusCode: endUser,
      expose: false,
      retryable,
      headers: endUser === 503 ? { "retry-after": "5" } : {},
    });
    expect(isPersonifyError(error)).toBe(true);
    expect(error.response).toMatchObject({ status: upstream, data: { title: "no" } });
    expect(error.message).toContain(`GET /api/v1/x with HTTP ${upstream}; `);
  });

  test.each([
    [401, "clientId"],
    [403, "granted"],
    [404, "path"],
    [429, "Retry-After"],
    [302, "another origin"],
    [500, "later"],
    [422, "error.response"],
  ])("%i: the message says what to do", (status, hint) => {
    expect(errorOf(status, "").message).toContain(hint);
  });

  test("its data is the text where it is not JSON, and undefined where it is empty", () => {
    expect(errorOf(500, "<html>").response.data).toBe("<html>");
    expect(errorOf(500, "").response.data).toBeUndefined();
  });

  test.each([
    [429, "7", "7"],
    [503, "7", "7"],
    [503, "0", "0"],
    [503, "86400", "30"],
    [503, new Date(0).toUTCString(), "0"],
    [503, "soon", "5"],
    [503, "-1", "5"],
  ])("%i with Retry-After %j tells the end user to wait %s s", (status, retryAfter, expected) => {
    const error = errorOf(status, "", [["retry-after", retryAfter]]);
    expect(error.headers).toEqual({ "retry-after": expected });
    expect(error.getResponse().headers.get("retry-after")).toBe(expected);
  });

  test("an HTTP-date in the future is turned into seconds", () => {
    const date = new Date(Date.now() + 20_000).toUTCString();
    const seconds = Number(errorOf(503, "", [["retry-after", date]]).headers["retry-after"]);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(20);
  });

  test("Retry-After of any other status is not passed on", () => {
    expect(errorOf(500, "", [["retry-after", "7"]]).headers).toEqual({});
  });

  test("all its headers are kept, repeated ones too", () => {
    const { headers } = errorOf(400, "", [
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["x-trace", "t"],
    ]).response;
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.get("x-trace")).toBe("t");
  });

  test.each(["s3cr3t", '{"detail":"s3cr3t"}', "<p>s3cr3t"])("%j is in nothing that is logged", (body) => {
    const error = errorOf(400, body, [["x-debug", "s3cr3t"]]);
    expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    expect(inspect({ error }, { depth: 20 })).not.toContain("s3cr3t");
    expect(JSON.stringify({ error })).not.toContain("s3cr3t");
    expect(Object.keys(error)).not.toContain("response");
    expect(error.cause).toBeUndefined();
  });
});
