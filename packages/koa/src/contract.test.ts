import { describeContractOn } from "@personify-auth/contract";
import { runtimes } from "@personify-auth/runtimes";

const script = "contract-on-server.test.support.ts";
const capabilities = {
  seesAsyncThrows: true,
  environments: ["development", "production"],
  showsErrorsIn: [],
  printsErrors: true,
} as const;

for (const dependency of ["koa", "koa2"]) {
  const adapter = { framework: "Koa", folder: import.meta.dirname, dependency, capabilities };
  for (const runtime of runtimes) describeContractOn(runtime, script, adapter);
}
