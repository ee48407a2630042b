import { test } from "vitest";
import { PersonifyError } from "../../errors.ts";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token } = await obtainToken();
  const cause = new Error("outer", {
    cause: Object.assign(new Error("inner"), { headers: [`Bearer ${token}`] }),
  });
  new PersonifyError("The connection broke", { code: "network_error", status: 502, cause });
});
