import { expect, test } from "vitest";
import { pathTemplate } from "./path-template.ts";

test.each<[string, string]>([
  ["/api/v1/event/{eventId}", "/api/v1/event/{eventId}"],
  ["event/{eventId}", "/event/{eventId}"],
  ["/event/{eventId}?Search={text}&key=4711", "/event/{eventId}"],
  ["/event/{eventId}#top", "/event/{eventId}"],
  ["https://api.example:8443/event/{eventId}?a=b", "/event/{eventId}"],
  ["https://api.example?a=b", "/"],
])("of %s is %s: no values, no query, no host", (path, template) => {
  expect(pathTemplate(path, { eventId: 4711, text: "x" })).toBe(template);
});

test("of a path without values is unknown: it may hold ids", () => {
  expect(pathTemplate("/event/4711", undefined)).toBeUndefined();
  expect(pathTemplate(new URL("https://api.example/event/4711"), {})).toBeUndefined();
});

test("of a path that says it has none is the path", () => {
  expect(pathTemplate("/api/v1/events", {})).toBe("/api/v1/events");
});
