import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { isHeaderName, isHeaderValue, isTenantId, readCallHeaders, reservedReason } from "./call-headers.ts";

const reserved = [
  "authorization",
  "x-tenant-id",
  "host",
  "content-length",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

function refusalOf(name: string, value: unknown): ConfigurationError {
  try {
    readCallHeaders([[name, value as string]]);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.code).toBe("header_refused");
    return error;
  }
  throw new Error(`Expected ${name} to be refused`);
}

/** The same letters, some of them in upper case. */
const inAnyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter)).join(""));

describe("a caller's headers", () => {
  test("come back with their names in lower case and their values as they were", () => {
    const headers: [string, string][] = [
      ["X-Request-Id", "abc"],
      ["accept", "text/plain, */*;q=0.8"],
      ["Content-Type", "application/json"],
      ["x-latin", "Köln\tÿ"],
      ["x-empty", ""],
    ];
    expect(readCallHeaders(headers)).toEqual({
      "x-request-id": "abc",
      accept: "text/plain, */*;q=0.8",
      "content-type": "application/json",
      "x-latin": "Köln\tÿ",
      "x-empty": "",
    });
  });

  test("may come as Headers", () => {
    expect(readCallHeaders(new Headers({ "X-A": "1" }))).toEqual({ "x-a": "1" });
  });

  test("are one per name, the last of them, however its case is", () => {
    const headers: [string, string][] = [
      ["X-A", "1"],
      ["x-a", "2"],
    ];
    expect(readCallHeaders(headers)).toEqual({ "x-a": "2" });
  });

  test.each(reserved)("may not hold %s, in any case, and the error says why", (name) => {
    fc.assert(
      fc.property(inAnyCase(name), (spelled) => {
        const error = refusalOf(spelled, "s3cr3t");
        expect(error.message).toContain(`${name} may not be set, since ${reservedReason(name)}`);
        expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
      }),
      { numRuns: 30 },
    );
  });

  test.each(["", " ", "a b", "a:", "a\r\nb", "a\0", "ä", "authorization ", " host", "a\n", "(x)", "x,y"])(
    "may not hold the name %j",
    (name) => {
      refusalOf(name, "x");
    },
  );

  test.each([
    "a\r\nx-tenant-id: other",
    "a\nb",
    "a\rb",
    "\n",
    "a\0b",
    "a\x7fb",
    "a\x1bb",
    "日本",
    "\u0100",
    "😀",
    "\ud800",
    "x".repeat(8_193),
    1,
    null,
    undefined,
    {},
    ["a"],
  ])("may not hold the value %j, which is not shown", (value) => {
    const error = refusalOf("x-some-name", value);
    expect(error.message).toContain("x-some-name");
    if (typeof value === "string" && value.length > 2) expect(error.message).not.toContain(value);
  });

  test("may be 8 KiB long", () => {
    const long = "x".repeat(8_192);
    expect(readCallHeaders([["x-a", long]])).toEqual({ "x-a": long });
  });
});

test("the names that are reserved are those and no others", () => {
  for (const name of reserved) expect(reservedReason(name)).toBeTypeOf("string");
  for (const name of ["accept", "content-type", "cookie", "x-request-id", "traceparent", "toString"])
    expect(reservedReason(name)).toBeUndefined();
});

test("a header's name is a token", () => {
  for (const name of ["a", "X-Y_z", "!#$%&'*+-.^_`|~0"]) expect(isHeaderName(name)).toBe(true);
  for (const name of ["", "a b", "a\n", "a:b", "a/b", '"a"', "é"]) expect(isHeaderName(name)).toBe(false);
});

test("a header's value is Latin-1 text of at most 8 KiB without control characters but tab", () => {
  for (const value of ["", "a\tb", "\x80\xff", "x".repeat(8_192)]) expect(isHeaderValue(value)).toBe(true);
  for (const value of ["\n", "\r", "\0", "\x7f", "\u0100", "x".repeat(8_193), 1, undefined])
    expect(isHeaderValue(value)).toBe(false);
});

test("a tenant id is 1 to 256 visible ASCII characters", () => {
  for (const id of ["a", "!~", "x".repeat(256), "6f1d3c0e-1111-4222-8333-444455556666"])
    expect(isTenantId(id)).toBe(true);
  for (const id of ["", " ", "a b", "a\n", "a\r\nb", "\t", "é", "x".repeat(257), 1, null, undefined, false])
    expect(isTenantId(id)).toBe(false);
});
