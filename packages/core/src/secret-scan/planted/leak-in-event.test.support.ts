import { test } from "vitest";
import { createEmit, type PersonifyEvent } from "../../events.ts";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token } = await obtainToken();
  createEmit(() => {})({ type: "token_shared", keyId: token } satisfies PersonifyEvent);
});
