import { expect, test } from "vitest";
import { readTenantsByHost } from "./tenants-by-host.ts";

test("tenants are read by host name", () => {
  expect(readTenantsByHost('{"fair.example.org":"tenant-1"}')).toEqual(
    new Map([["fair.example.org", "tenant-1"]]),
  );
  expect(readTenantsByHost()).toEqual(new Map());
});

test.each(["", "{", "null", '"tenant-1"', '["tenant-1"]', '{"fair.example.org":1}'])(
  "%j is refused, and the variable is named",
  (text) => {
    expect(() => readTenantsByHost(text)).toThrow("TENANTS_BY_HOST");
  },
);
