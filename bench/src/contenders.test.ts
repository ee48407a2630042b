import { afterEach, beforeEach, expect, test } from "vitest";
import { targetAt } from "./contender.ts";
import { contenders, contendersOf } from "./contenders.ts";
import { list, type Server, startServer } from "./server.ts";

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const callers = contendersOf("boundary");

test.each(callers)("$name asks for one token, and sends each call with it", async ({ load }) => {
  const { setUp } = await load();
  const running = await setUp(targetAt(server.origin));
  for (const _ of [1, 2]) expect(await running.call()).toMatchObject(list);
  expect(server.counts()).toEqual({ tokenRequests: 1, apiRequests: 2, rejected: 0 });
});

const others = contendersOf("call").filter(
  (contender) => !callers.includes(contender) && contender.name !== "async-constant",
);

test.each(others)("$name sends an authorized request, and returns the JSON", async ({ load }) => {
  const { setUp } = await load();
  const running = await setUp(targetAt(server.origin));
  expect(await running.call()).toMatchObject(list);
  expect(server.counts()).toEqual({ tokenRequests: 1, apiRequests: 1, rejected: 0 });
});

test.each(contendersOf("cold"))("$name keeps the token that it hands out", async ({ load }) => {
  const { setUp } = await load();
  const running = await setUp(targetAt(server.origin));
  for (const _ of [1, 2]) expect(await running.getToken?.()).toBeTruthy();
  expect(server.counts()).toEqual({ tokenRequests: 1, apiRequests: 0, rejected: 0 });
});

test("no two contenders have one name", () => {
  const names = contenders.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each(contendersOf("adapter"))(
  "$name answers requests inside the process, and sends none",
  async ({ load }) => {
    const { setUp } = await load();
    const running = await setUp(targetAt(server.origin));
    for (const _ of [1, 2]) await running.call();
    expect(server.counts()).toEqual({ tokenRequests: 0, apiRequests: 0, rejected: 0 });
  },
);
