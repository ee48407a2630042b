import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { everythingPrintedOf } from "../secrets.test.support.ts";
import { type PathValues, resolveRedirect, resolveTarget, type Target, type TargetRules } from "./target.ts";

const rules: TargetRules = {
  base: new URL("https://api.example.org/base/"),
  allowedOrigins: new Set(["https://files.example.org"]),
};
const rootRules: TargetRules = { base: new URL("https://api.example.org/"), allowedOrigins: new Set() };

function target(input: string | URL, path?: PathValues, given = rules): string {
  return resolveTarget(given, input, path).href;
}

function resolveUnlessRefused(...call: Parameters<typeof resolveTarget>): Target | undefined {
  try {
    return resolveTarget(...call);
  } catch {
    return undefined;
  }
}

function refusalOf(input: string | URL, path?: PathValues, given = rules): ConfigurationError {
  let result: Target;
  try {
    result = resolveTarget(given, input, path);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.code).toBe("target_refused");
    return error;
  }
  throw new Error(`Expected a refusal, got ${result.href}`);
}

describe("a path template", () => {
  test.each([
    ["/api/v1/x", "https://api.example.org/base/api/v1/x"],
    ["api/v1/x", "https://api.example.org/base/api/v1/x"],
    ["/", "https://api.example.org/base/"],
    ["", "https://api.example.org/base/"],
    ["/x/", "https://api.example.org/base/x/"],
    ["/x?a=1&b=2", "https://api.example.org/base/x?a=1&b=2"],
    ["?a=1", "https://api.example.org/base/?a=1"],
    ["/x:y/z", "https://api.example.org/base/x:y/z"],
    ["/a//b", "https://api.example.org/base/a//b"],
    ["/über", "https://api.example.org/base/%C3%BCber"],
    ["/a%20b", "https://api.example.org/base/a%20b"],
    ["/.well-known/..x/...", "https://api.example.org/base/.well-known/..x/..."],
  ])("%j is put below the base path", (input, expected) => {
    expect(target(input)).toBe(expected);
  });

  test("is put below a base without a path", () => {
    expect(target("/api/v1/x", {}, rootRules)).toBe("https://api.example.org/api/v1/x");
  });

  test("takes strings and numbers, each name as often as it occurs", () => {
    expect(target("/{a}/{b}/{a}", { a: "x", b: 7 })).toBe("https://api.example.org/base/x/7/x");
    expect(target("/{a}-{b}", { a: 0, b: -1.5 })).toBe("https://api.example.org/base/0--1.5");
  });

  test("takes values in its query, encoded for it", () => {
    expect(target("/x?filter={f}", { f: "a&b=c#d" })).toBe(
      "https://api.example.org/base/x?filter=a%26b%3Dc%23d",
    );
  });

  test.each([
    ["a/b", "a%2Fb"],
    ["a?b", "a%3Fb"],
    ["a#b", "a%23b"],
    ["a\\b", "a%5Cb"],
    ["a b", "a%20b"],
    ["%2e%2ex", "%252e%252ex"],
    ["..x", "..x"],
    ["a/b..", "a%2Fb.."],
    ["a\r\nb", "a%0D%0Ab"],
    ["{b}", "%7Bb%7D"],
    ["...", "..."],
    ["$&", "%24%26"],
    ["ü", "%C3%BC"],
  ])("value %j becomes %j", (value, expected) => {
    expect(target("/a/{v}/b", { v: value })).toBe(`https://api.example.org/base/a/${expected}/b`);
  });

  test("turns any well-formed value into exactly one segment that decodes to it", () => {
    const anyValue = fc
      .string({ unit: "binary", minLength: 1 })
      .filter((value) => !value.split(/[/\\]|%2f|%5c/i).some((part) => /^(\.|%2e){1,2}$/i.test(part)));
    fc.assert(
      fc.property(anyValue, (value) => {
        const url = resolveTarget(rules, "/a/{value}/b", { value });
        const segments = url.pathname.split("/");
        expect(segments).toHaveLength(5);
        expect([segments[0], segments[1], segments[2], segments[4]]).toEqual(["", "base", "a", "b"]);
        expect(decodeURIComponent(segments[3] ?? "")).toBe(value);
        expect([url.origin, url.search]).toEqual(["https://api.example.org", ""]);
        expect(new URL(url.href).hash).toBe("");
      }),
      { numRuns: 2_000 },
    );
  });

  test("becomes what a URL parser makes of it, whether one was asked or not", () => {
    const text = fc.string({ unit: fc.constantFrom(..."aZ0-_~./%:?{é".split("")), maxLength: 8 });
    const query = fc.option(fc.dictionary(text, text, { maxKeys: 2 }), { nil: undefined });
    let unparsed = 0;
    fc.assert(
      fc.property(text, query, fc.constantFrom(rules, rootRules), (path, query, given) => {
        const parsed = URL.parse(given.base.href + path.replace(/^\//, ""));
        for (const [name, value] of Object.entries(query ?? {})) parsed?.searchParams.append(name, value);
        const url = resolveUnlessRefused(given, path, {}, query);
        if (url === undefined) return;
        expect([url.href, url.origin, url.pathname, url.search]).toEqual([
          parsed?.href,
          parsed?.origin,
          parsed?.pathname,
          parsed?.search,
        ]);
        if (!(url instanceof URL)) unparsed++;
      }),
      { numRuns: 5_000 },
    );
    expect(unparsed).toBeGreaterThan(500);
  });

  test.each<[string, PathValues]>([
    ["/{v}", { v: "." }],
    ["/{v}", { v: ".." }],
    ["/a/{v}/b", { v: ".." }],
    // For whoever decodes twice on the way.
    ["/{v}", { v: "%2e%2E" }],
    ["/{v}", { v: ".%2e" }],
    // For whoever decodes before he takes the path apart.
    ["/{v}", { v: "../x" }],
    ["/{v}", { v: "a/.." }],
    ["/{v}", { v: "a/./b" }],
    ["/{v}", { v: "..\\x" }],
    ["/{v}", { v: "..%2fx" }],
    ["/{v}", { v: "" }],
    ["/{v}", { v: Number.NaN }],
    ["/{v}", { v: Number.POSITIVE_INFINITY }],
    ["/{v}", { v: "\ud800" }],
    ["/{v}", {}],
    ["/{v}", { v: undefined as unknown as string }],
    ["/{v}", { v: null as unknown as string }],
    ["/{v}", { v: {} as string }],
    ["/{v}", { v: true as unknown as string }],
    ["/{v}", { v: 1n as unknown as string }],
    ["/{toString}", {}],
    ["/{__proto__}", {}],
    ["/{constructor}", {}],
  ])("%j with %o is refused for its value, by name", (template, values) => {
    expect(refusalOf(template, values).message).toContain(`path.${template.match(/\{(.*)\}/)?.[1]}`);
  });

  test("two values beside each other cannot make a dot segment", () => {
    for (const values of [
      { a: ".", b: "." },
      { a: "", b: ".." },
    ]) {
      refusalOf("/{a}{b}", values);
    }
    refusalOf("/.{a}", { a: "." });
  });

  test("an unused value is refused by name, so that a misspelt one is noticed", () => {
    expect(refusalOf("/{eventId}", { eventId: "1", evntId: "2" }).message).toContain("path.evntId");
  });

  test.each(["/{a", "/a}", "/}a{", "/{{a}}", "/{a{b}}", "/x?filter={", "/{}", "/{a:b}"])(
    "stray braces: %j",
    (input) => {
      refusalOf(input, { a: "1", b: "2" });
    },
  );
});

describe("what is refused", () => {
  test.each([
    ["a dot segment", "/./x"],
    ["dot segments", "/../x"],
    ["dot segments inside", "/a/../../x"],
    ["a dot segment at the end", "/a/.."],
    ["a lone one", ".."],
    ["an encoded one", "/%2e%2e/x"],
    ["an encoded one in upper case", "/%2E%2E/x"],
    ["a half encoded one", "/.%2e/x"],
    ["the other half", "/%2E./x"],
    ["an encoded single one", "/%2e/x"],
    ["one between encoded slashes", "/a%2f..%2Fx"],
    ["one before an encoded slash", "/..%2fx"],
    ["an encoded one behind an encoded backslash", "/a%5c%2e%2e"],
    ["one before an encoded slash, of an allowed origin", "https://files.example.org/..%2fx"],
    ["one before a query", "/..?x"],
    ["one before a fragment", "/..#x"],
    ["one in an absolute URL", "https://api.example.org/base/../x"],
    ["one that stays below the base", "/a/../b"],
    ["another host by two slashes", "//evil.example/x"],
    ["its own host by two slashes", "//api.example.org/base/x"],
    ["three slashes", "///evil.example/x"],
    ["a backslash", "\\x"],
    ["two backslashes", "\\\\evil.example\\x"],
    ["a slash and a backslash", "/\\evil.example/x"],
    ["a backslash inside", "/a\\..\\..\\x"],
    ["a tab", "/a\tb"],
    ["a tab that hides two slashes", "/\t/evil.example"],
    ["a line feed that hides dots", "/.\n./x"],
    ["a carriage return", "/a\rb"],
    ["a space", "/a b"],
    ["a space in front", " /a"],
    ["a NUL", "/a\0b"],
    ["a DEL", "/a\x7fb"],
    ["javascript:", "javascript:alert(1)"],
    ["data:", "data:text/plain,x"],
    ["file:", "file:///etc/passwd"],
    ["blob: on the base's origin", "blob:https://api.example.org/x"],
    ["blob: on an allowed origin", "blob:https://files.example.org/x"],
    ["ws:", "wss://api.example.org/base/x"],
    ["http: against an https base", "http://api.example.org/base/x"],
    ["another origin", "https://evil.example/base/x"],
    ["another port", "https://api.example.org:8443/base/x"],
    ["a subdomain", "https://x.api.example.org/base/x"],
    ["a domain that begins like it", "https://api.example.org.evil.example/base/x"],
    ["another origin without slashes", "https:evil.example"],
    ["a user part", "https://user@api.example.org/base/x"],
    ["a password", "https://:pw@api.example.org/base/x"],
    ["the host as a user part", "https://api.example.org@evil.example/base/x"],
    ["a user part on an allowed origin", "https://user:pw@files.example.org/x"],
    ["the base's origin above the base path", "https://api.example.org/x"],
    ["the base's origin at a path that begins like it", "https://api.example.org/basement/x"],
    ["the base's origin at a path in other letters", "https://api.example.org/BASE/x"],
    ["no URL", "https://"],
    ["a bad port", "https://api.example.org:99999/base/x"],
  ])("%s: %j", (_what, input) => {
    refusalOf(input);
  });

  test("values cannot change the host of an absolute template", () => {
    refusalOf("https://{host}/base/x", { host: "evil.example" });
    refusalOf("https://api.example.org{x}/base/x", { x: ".evil.example" });
    refusalOf("https://api.example.org{x}/base/x", { x: "@evil.example" });
    refusalOf("https://{user}@api.example.org/base/x", { user: "a" });
  });

  test.each([undefined, null, 1, {}, ["/x"], { href: "https://api.example.org/base/x" }])(
    "%o, which is neither a string nor a URL",
    (input) => {
      refusalOf(input as unknown as string);
    },
  );

  test("a value of `path` beside a URL object, which has no template", () => {
    // A URL is complete: silently dropping the value would send another call than the one meant.
    refusalOf(new URL("https://api.example.org/base/x"), { eventId: "1" });
  });
});

describe("an absolute URL", () => {
  test.each([
    "https://api.example.org/base/x?y=1",
    "https://api.example.org/base/",
    "https://api.example.org/base",
    "https://files.example.org/any/where",
    "https://files.example.org/basement",
  ])("%j on an allowed origin is taken as it is, as a string and as a URL", (input) => {
    expect(target(input)).toBe(input);
    expect(target(new URL(input))).toBe(input);
  });

  test("of the default port and in any case is the same origin", () => {
    expect(target("HTTPS://API.example.org:443/base/x")).toBe("https://api.example.org/base/x");
  });

  test("may be a template", () => {
    expect(target("https://files.example.org/{a}", { a: "x/y" })).toBe("https://files.example.org/x%2Fy");
  });

  test.each([
    "https://api.example.org/x",
    "https://api.example.org/base/%2e%2e/x",
    "https://api.example.org/base/../basement",
    "https://evil.example/base/",
    "http://api.example.org/base/",
    "https://user:pw@api.example.org/base/",
    "javascript:alert(1)",
    "blob:https://files.example.org/x",
    "file:///base/x",
  ])("%j as a URL object is refused", (input) => {
    refusalOf(new URL(input));
  });

  test("is not shared with the caller, who may change his URL later", () => {
    const mine = new URL("https://api.example.org/base/x");
    const result = resolveTarget(rules, mine, undefined, { a: 1 });
    mine.host = "evil.example";
    expect(result.href).toBe("https://api.example.org/base/x?a=1");
    expect(mine.search).toBe("");
  });
});

describe("a query", () => {
  test("is added to the one that the path has", () => {
    expect(resolveTarget(rules, "/x?a=1", {}, { b: ["2", "ü&"], c: undefined }).href).toBe(
      "https://api.example.org/base/x?a=1&b=2&b=%C3%BC%26",
    );
  });

  test("that is empty changes nothing", () => {
    expect(resolveTarget(rules, "/x", {}, {}).href).toBe("https://api.example.org/base/x");
  });

  test("cannot change the path", () => {
    expect(resolveTarget(rules, "/x", {}, { "/../../#": "/..\\" }).pathname).toBe("/base/x");
  });
});

describe("a redirect", () => {
  const from = new URL("https://api.example.org/base/a/b?secret=1");

  test.each([
    ["https://api.example.org/base/x", "https://api.example.org/base/x"],
    ["/base/x?y=1", "https://api.example.org/base/x?y=1"],
    ["c", "https://api.example.org/base/a/c"],
    ["../c", "https://api.example.org/base/c"],
    ["?y=2", "https://api.example.org/base/a/b?y=2"],
    ["//api.example.org/base/x", "https://api.example.org/base/x"],
  ])("to %j is followed to %j", (location, expected) => {
    expect(resolveRedirect(rules, from, location)?.href).toBe(expected);
  });

  test.each([
    "https://evil.example/base/x",
    "//evil.example/base/x",
    "/\\evil.example/base/x",
    "\t//evil.example/base/x",
    "http://api.example.org/base/x",
    "https://api.example.org:8443/base/x",
    "https://files.example.org/x",
    "https://user:pw@api.example.org/base/x",
    "/x",
    "/basement",
    "../../x",
    "/base/%2e%2e/x",
    "/base/..%2fx",
    "javascript:alert(1)",
    "https://",
    "https://[",
  ])("to %j is not followed", (location) => {
    expect(resolveRedirect(rules, from, location)).toBeUndefined();
  });

  test("on an allowed origin stays on that origin, wherever on it", () => {
    const elsewhere = new URL("https://files.example.org/a");
    expect(resolveRedirect(rules, elsewhere, "/b")?.href).toBe("https://files.example.org/b");
    expect(resolveRedirect(rules, elsewhere, "https://api.example.org/base/x")).toBeUndefined();
  });
});

test("a refusal says what to pass instead, and holds neither query nor user part of the input", () => {
  const secret = "s3cr3t";
  for (const input of [
    `https://${secret}:${secret}@evil.example/?${secret}`,
    `//${secret}?${secret}`,
    `/../x?key=${secret}`,
    `/x?key=${secret}&{`,
    `/x?filter={"key":"${secret}"}`,
    `https://evil.example/?key=${secret}`,
    `https://api.example.org/?key=${secret}`,
    `https://[${secret}`,
  ]) {
    for (const form of URL.canParse(input) && !input.startsWith("/") ? [input, new URL(input)] : [input]) {
      const error = refusalOf(form);
      expect(everythingPrintedOf(error)).not.toContain(secret);
      expect(error.message).toContain("allowed origin");
    }
  }
  const error = refusalOf("/{v}", { v: secret, w: secret });
  expect(everythingPrintedOf(error)).not.toContain(secret);
});
