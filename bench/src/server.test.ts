import { afterEach, beforeEach, expect, test } from "vitest";
import { targetAt } from "./contender.ts";
import { requestToken } from "./contenders/floors/constant-authorization.ts";
import { bodyPath, list, type Server, startServer } from "./server.ts";

let server: Server;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.close());

const call = (authorization: string) => fetch(`${server.origin}/any/path`, { headers: { authorization } });

test("answers the list to a token of its own, with the time of its grant", async () => {
  const { access_token } = await requestToken(targetAt(server.origin));
  const response = await call(`Bearer ${access_token}`);
  expect(await response.json()).toEqual({ ...list, grantedAt: expect.any(Number) });
});

test("answers 401 to a token that has expired, or that is not its own, and counts it", async () => {
  server.configure({ tokenLifetime: 0 });
  const { access_token } = await requestToken(targetAt(server.origin));
  for (const authorization of [`Bearer ${access_token}`, "Bearer other", ""]) {
    expect((await call(authorization)).status).toBe(401);
  }
  expect(server.counts()).toEqual({ tokenRequests: 1, apiRequests: 3, rejected: 3 });
});

test.each([2, 1_000, 1_000_000])(
  "answers about %d bytes of JSON where it is asked for them",
  async (size) => {
    const { access_token } = await requestToken(targetAt(server.origin));
    const answer = await fetch(server.origin + bodyPath(size), {
      headers: { authorization: `Bearer ${access_token}` },
    });
    const text = await answer.text();
    expect(JSON.parse(text)).toBeInstanceOf(Array);
    expect(text.length).toBeLessThanOrEqual(size);
    expect(text.length).toBeGreaterThan(size - 200);
  },
);

test("counts from 0 again when its settings change", async () => {
  await call("");
  server.configure({});
  expect(server.counts()).toEqual({ tokenRequests: 0, apiRequests: 0, rejected: 0 });
});

test("the list is about 1 kB of JSON", () => {
  expect(JSON.stringify(list).length).toBeGreaterThan(900);
  expect(JSON.stringify(list).length).toBeLessThan(1_200);
});
