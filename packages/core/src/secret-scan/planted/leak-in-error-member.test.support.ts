import { test } from "vitest";
import { PersonifyError } from "../../errors.ts";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token } = await obtainToken();
  const error = new PersonifyError("The call failed", { code: "network_error", status: 502 });
  Object.defineProperty(error, "request", { value: { token }, enumerable: false });
});
