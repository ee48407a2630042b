import { test } from "vitest";
import { PersonifyError } from "../../errors.ts";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { clientSecret } = await obtainToken();
  new PersonifyError(`Refused for ${clientSecret}`, { code: "token_request_refused", status: 502 });
});
