import { describeContractOn, describeContractOnWorkerd } from "@personify-auth/contract";
import { runtimes } from "@personify-auth/runtimes";

// Hono knows no environments, and answers with an error's own response without printing it.
const capabilities = {
  seesAsyncThrows: true,
  environments: ["production"],
  showsErrorsIn: [],
  printsErrors: false,
} as const;

for (const dependency of ["hono", "hono-oldest"]) {
  const adapter = { framework: "Hono", folder: import.meta.dirname, dependency, capabilities };
  for (const runtime of runtimes) describeContractOn(runtime, "contract-on-server.test.support.ts", adapter);
  describeContractOnWorkerd("contract-on-workerd.test.support.ts", {
    ...adapter,
    capabilities: { ...capabilities, runsTwoApps: false },
  });
}
