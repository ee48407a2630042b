import { test } from "vitest";
import { emulated, failureOf } from "../../client.test.support.ts";

test("leaks a-secret-4711", async () => {
  const { client } = await emulated();
  await failureOf(client({ clientSecret: "a-secret-4711" }).getAccessToken());
});
