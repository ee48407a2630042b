import { describe, expect, test } from "vitest";
import { ApiError, NetworkError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { responseTooLarge, toNetworkError } from "./network-error.ts";

const url = new URL("https://api.example.org/x?s3cr3t=1");
const withCode = (code: unknown) => Object.assign(new Error("s3cr3t"), { code });

describe("what a runtime threw becomes a NetworkError", () => {
  test.each([
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOTFOUND",
    "EAI_AGAIN",
    "ETIMEDOUT",
    "EPIPE",
    "UND_ERR_SOCKET",
    "UND_ERR_CONNECT_TIMEOUT",
  ])("%s may pass", (code) => {
    expect(toNetworkError(withCode(code), url)).toMatchObject({ code: "network_error", retryable: true });
  });

  test.each([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "UNABLE_TO_GET_ISSUER_CERT",
    "ERR_TLS_CERT_ALTNAME_INVALID",
    "ERR_SSL_WRONG_VERSION_NUMBER",
    "EPROTO",
    "HPE_INVALID_HEADER_TOKEN",
    "UND_ERR_HEADERS_OVERFLOW",
    "UND_ERR_INVALID_ARG",
    "UND_ERR_NOT_SUPPORTED",
  ])("%s does not mend itself", (code) => {
    expect(toNetworkError(withCode(code), url)).toMatchObject({ code: "network_error", retryable: false });
  });

  test("the innermost code is named: fetch wraps the system's error, several addresses come together", () => {
    const several = new AggregateError([withCode("ECONNREFUSED"), withCode("ENETUNREACH")], "s3cr3t");
    for (const cause of [
      new TypeError("fetch failed", { cause: withCode("ECONNREFUSED") }),
      Object.assign(new Error("outer", { cause: withCode("ECONNREFUSED") }), { code: "OUTER" }),
      several,
      new TypeError("fetch failed", { cause: several }),
    ]) {
      expect(toNetworkError(cause, url).message).toMatch(
        /^No answer from https:\/\/api\.example\.org \(ECONNREFUSED\)/,
      );
    }
  });

  test.each([undefined, null, "s3cr3t", 5, {}, withCode("s3cr3t"), withCode("S3CR3T s3cr3t"), withCode(7)])(
    "%o, which has no code, is a failed connection",
    (cause) => {
      const error = toNetworkError(cause, url);
      expect(error).toMatchObject({ code: "network_error", retryable: true });
      expect(error.message).toContain("(connection failed)");
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
    },
  );

  test("a certificate that a runtime refuses without a code does not mend itself", () => {
    // Deno's words.
    const cause = new TypeError("client error (Connect): invalid peer certificate: UnknownIssuer");
    expect(toNetworkError(cause, url)).toMatchObject({ code: "network_error", retryable: false });
  });

  test("a cause that is its own cause comes to an end", () => {
    const cause = new Error("s3cr3t");
    cause.cause = cause;
    expect(toNetworkError(cause, url)).toBeInstanceOf(NetworkError);
  });

  test("one of our own errors stays what it is", () => {
    const own = new ApiError("x", { code: "api_error" }, { status: 500, headers: new Headers(), data: 1 });
    expect(toNetworkError(own, url)).toBe(own);
  });
});

test("an answer that is too large is named by its origin and the limit", () => {
  const error = responseTooLarge(url, 64 * 1024 * 1024);
  expect(error).toMatchObject({ code: "response_too_large", retryable: false });
  expect(error.message).toContain("https://api.example.org is larger than 64 MiB");
  expect(error.message).not.toContain("s3cr3t");
});
