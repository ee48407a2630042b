import { validateHeaderName, validateHeaderValue } from "node:http";
import fc from "fast-check";
import { ConfigurationError } from "../errors.ts";
import { checkTenantId, readCallHeaders } from "../http/call-headers.ts";
import type { Property } from "./property.test.support.ts";

/** What a caller may not set, written here once more: RFC 9110 §7.6.1, and what the client sets itself. */
const reserved = [
  ...["authorization", "x-tenant-id", "host", "content-length", "accept-encoding"],
  ...["connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
  ...["te", "trailer", "transfer-encoding", "upgrade"],
];

const harmless = [
  ...["x-a", "X-Request-Id", "accept", "traceparent", "cookie", "content-type", "!#$%&'*+-.^_`|~0"],
];
const fragments = [
  ...["\r\n", "\n", "\r", "\0", "\t", " ", ":", "\x7f", "\x1b", "\x85", "\u00a0", "\u2028"],
  ...["Ċ", "čĊ", "日", "😀"],
];
const smuggled = [
  "\r\nauthorization: Bearer x",
  "\nx-tenant-id: other",
  "\r\n\r\nGET / HTTP/1.1",
  "\u560d\u560ax: y",
];

/** The same letters, some of them in upper case. */
function inAnyCase(text: string): fc.Arbitrary<string> {
  return fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter)).join(""));
}

/** A text with something else in the middle of it. */
function spoilt(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(text, fc.constantFrom(...fragments, ...smuggled), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([whole, piece, share]) => {
      const at = Math.round(share * whole.length);
      return whole.slice(0, at) + piece + whole.slice(at);
    });
}

const plainName = fc.constantFrom(...harmless).chain(inAnyCase);
const name = fc.oneof(
  { weight: 6, arbitrary: plainName },
  { weight: 1, arbitrary: fc.constantFrom(...reserved).chain(inAnyCase) },
  { weight: 1, arbitrary: spoilt(plainName) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
);
const plainValue = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom("", "text/plain, */*;q=0.8", "Köln\tÿ", "x".repeat(8_191), "x".repeat(8_192)),
);
const value = fc.oneof(
  { weight: 8, arbitrary: plainValue },
  { weight: 1, arbitrary: spoilt(plainValue) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("x".repeat(8_193), 1, null, undefined, {}, ["a"]) as fc.Arbitrary<string>,
  },
);

/** Headers that a caller may come up with. */
export const hostileHeaders = fc.array(fc.tuple(name, value), { maxLength: 3 });

export const headers: Property<readonly (readonly [string, string])[]> = {
  name: "headers",
  rule: "a caller's header is one line of its own and none of the client's, or is refused by a message without its value",
  inputs: hostileHeaders,
  shares: { admitted: 0.1, refused: 0.1 },
  check(given) {
    let admitted: Record<string, string>;
    try {
      admitted = readCallHeaders(given);
    } catch (error) {
      if (!(error instanceof ConfigurationError) || error.code !== "header_refused") throw error;
      const shown = given.find(
        ([, text]) => String(text).length > 12 && error.message.includes(String(text)),
      );
      if (shown !== undefined) throw new Error(`The value shows: ${error.message}`);
      return "refused";
    }
    for (const [sent, text] of Object.entries(admitted)) {
      // Node's own judgement, and then what a server makes of the line.
      validateHeaderName(sent);
      validateHeaderValue(sent, text);
      const wire = Buffer.from(`${sent}: ${text}\r\n`, "latin1").toString("latin1");
      const [line = "", ...rest] = wire.split(/\r|\n|\0/);
      const [, first, second] = /^([^:]*): (.*)$/s.exec(line) ?? [];
      if (rest.join("") !== "" || first !== sent || second !== text)
        throw new Error(`${sent} breaks its line`);
      if (reserved.includes(sent) || text.length > 8_192) throw new Error(`${sent} may not be set`);
      if (!given.some(([own, its]) => own.toLowerCase() === sent && its === text)) {
        throw new Error(`${sent} was not asked for`);
      }
    }
    return "admitted";
  },
};

const tenantId = fc.string({ unit: fc.constantFrom(..."aZ09-_.~!{}"), minLength: 1, maxLength: 257 });

export const tenantIds: Property<unknown> = {
  name: "tenant-ids",
  rule: "a tenant id is 1 to 256 visible ASCII characters, or is refused",
  inputs: fc.oneof(
    { weight: 4, arbitrary: tenantId },
    { weight: 2, arbitrary: spoilt(tenantId) },
    fc.constantFrom("a".repeat(256), "a".repeat(257), "a".repeat(100_000)),
    fc.string({ unit: "binary" }),
    fc.anything(),
  ),
  shares: { admitted: 0.1, refused: 0.1 },
  check(given) {
    let admitted: unknown;
    try {
      admitted = checkTenantId(given as string);
    } catch (error) {
      if (!(error instanceof ConfigurationError) || error.code !== "invalid_option") throw error;
      return "refused";
    }
    if (given === undefined || given === false) return "none";
    if (typeof given !== "string" || admitted !== given) throw new Error("It became something else");
    const bytes = Buffer.from(given);
    if (bytes.length < 1 || bytes.length > 256) throw new Error("It is too short or too long");
    if (bytes.some((byte) => byte <= 0x20 || byte >= 0x7f)) throw new Error("It fits in no header");
    return "admitted";
  },
};
