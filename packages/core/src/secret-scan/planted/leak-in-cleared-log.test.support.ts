import { test } from "vitest";
import { emulated } from "../../client.test.support.ts";

test("leaks", async () => {
  const { emulator, client } = await emulated();
  const { value } = await client().getAccessToken();
  await fetch(`${emulator.apiBaseUrl}/api/v1/exhibitor/${value}`);
  emulator.clearRequests();
});
