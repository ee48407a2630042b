import { test } from "vitest";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token } = await obtainToken();
  // biome-ignore lint/suspicious/noConsole: the leak
  console.log({ headers: { authorization: `Bearer ${token}` } });
});
