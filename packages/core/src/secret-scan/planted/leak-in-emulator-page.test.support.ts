import { test } from "vitest";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token, apiBaseUrl } = await obtainToken();
  await fetch(`${apiBaseUrl}/api/v1/exhibitor/${token}`);
});
