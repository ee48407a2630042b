import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "vitest";
import { obtainToken } from "./token.test.support.ts";

test("leaks", async () => {
  const { token } = await obtainToken();
  const child = spawn(process.execPath, ["-e", "console.error(process.argv[1])", token]);
  child.stderr.resume();
  await once(child, "close");
});
