import { test } from "vitest";
import { emulated, failureOf } from "../../client.test.support.ts";

test("leaks", async () => {
  const { client } = await emulated();
  const failing: typeof fetch = async (input, init) => {
    if (init?.method === "POST") return fetch(input, init);
    throw new TypeError("fetch failed", { cause: init });
  };
  await failureOf(client({ fetch: failing }).fetch("/api/v1/whoami"));
});
