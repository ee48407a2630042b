import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { basicCredentials } from "../token/client-auth.ts";
import { findSecrets, isSearchable } from "./search.test.support.ts";

const secret = 'Zq9+se/cret "of" the=client&7%\\é';

describe("a secret is found", () => {
  test.each([
    ["as it is", secret],
    ["in JSON", JSON.stringify({ secret })],
    ["percent-encoded", `?key=${encodeURIComponent(secret)}`],
    ["in a form", new URLSearchParams({ secret }).toString()],
    ["in hex", Buffer.from(secret).toString("hex")],
    ["in base64", Buffer.from(`id:${secret}`).toString("base64")],
    ["in base64url", Buffer.from(`id:${secret}`).toString("base64url")],
    ["in HTTP Basic", btoa(`id:${new URLSearchParams({ s: secret }).toString().slice(2)}`)],
    ["in our HTTP Basic", basicCredentials({ clientId: "id", clientSecret: `${secret}-_.!~*'()` })],
  ])("%s", (_form, text) => {
    expect(findSecrets([["log", text]], [secret, `${secret}-_.!~*'()`])).toMatchObject([{ place: "log" }]);
  });

  test("wherever it stands, however many others there are", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.array(fc.uuid(), { minLength: 1 }),
        (before, after, secrets) => {
          const hidden = secrets.at(-1) as string;
          expect(findSecrets([["log", `${before}${hidden}${after}`]], secrets)).toHaveLength(1);
        },
      ),
    );
  });

  test("and not shown by what is said of it", () => {
    const [finding] = findSecrets([["log", `Authorization: Bearer ${secret}`]], [secret]);
    expect(finding).toEqual({ place: "log", form: "raw", before: "Authorization: Bearer " });
  });
});

test("a signed token is found, though nobody knew of it", () => {
  const [header, claims] = [
    { alg: "RS256", typ: "at+jwt" },
    { sub: "portal", scope: "idp_api" },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const token = `${header}.${claims}.${"c2lnbmF0dXJl".repeat(4)}`;
  expect(findSecrets([["log", `token: ${token}`]], [])).toEqual([
    { place: "log", form: "a JWT", before: "token: " },
  ]);
});

test("a text without a secret is clean, though it begins like one", () => {
  expect(findSecrets([["log", secret.slice(0, -1)]], [secret])).toEqual([]);
});

test.each(["secret", "a1", "constructor", "__proto__", "0123456789"])(
  "%s cannot be told from ordinary text",
  (text) => {
    expect(isSearchable(text)).toBe(false);
  },
);
