import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { type Query, toSearchParams } from "./query.ts";

test.each<[Query | undefined, string]>([
  [undefined, ""],
  [{}, ""],
  [{ a: "x", b: 1, c: true, d: false, e: 0, f: "" }, "a=x&b=1&c=true&d=false&e=0&f="],
  [{ a: null, b: undefined, c: "kept" }, "c=kept"],
  [{ a: ["x", 2, null, undefined, false], b: [] }, "a=x&a=2&a=false"],
  [{ "a b": "c&d=e" }, "a+b=c%26d%3De"],
  [new URLSearchParams("a=1&a=2"), "a=1&a=2"],
])("%o becomes %j", (query, expected) => {
  expect(toSearchParams(query).toString()).toBe(expected);
});

test("what was given is copied, so that adding to the result leaves it alone", () => {
  const given = new URLSearchParams("a=1");
  toSearchParams(given).append("b", "2");
  expect(given.toString()).toBe("a=1");
});

test.each([{}, [["nested"]], () => {}, Symbol("s"), 1n, new Date(0)])(
  "the value %o is refused, by its name and without showing it",
  (value) => {
    const query = { key: value } as unknown as Query;
    expect(() => toSearchParams(query)).toThrow(ConfigurationError);
    expect(() => toSearchParams(query)).toThrow(/^Option query\.key: expected a string, number, boolean/);
    expect(() => toSearchParams(query)).not.toThrow(/nested|1970/);
  },
);

test("any names and values come back out of the query as they went in", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text))), (query) => {
      const expected = Object.entries(query).flatMap(([name, value]) =>
        [value].flat().map((item) => [name, String(item)]),
      );
      expect([...new URLSearchParams(toSearchParams(query).toString())]).toEqual(expected);
    }),
  );
});
