import { describeContractOn } from "@personify-auth/contract";
import { runtimes } from "@personify-auth/runtimes";

const script = "contract-on-server.test.support.ts";
const common = {
  environments: ["development", "production"],
  showsErrorsIn: ["development"],
  printsErrors: true,
} as const;
const versions = [
  { dependency: "express", capabilities: { seesAsyncThrows: true, ...common } },
  { dependency: "express4", capabilities: { seesAsyncThrows: false, ...common } },
];

for (const version of versions) {
  const adapter = { framework: "Express", folder: import.meta.dirname, ...version };
  for (const runtime of runtimes) describeContractOn(runtime, script, adapter);
}
