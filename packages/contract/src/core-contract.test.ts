import { runtimes } from "@personify-auth/runtimes";
import { capabilities } from "./core-app.test.support.ts";
import { describeContractOn, describeContractOnWorkerd } from "./describe-adapter-contract.ts";

const core = { framework: "core", folder: import.meta.dirname };

for (const runtime of runtimes) {
  describeContractOn(runtime, "core-on-server.test.support.ts", { ...core, capabilities });
}
describeContractOnWorkerd("core-on-workerd.test.support.ts", {
  ...core,
  capabilities: { ...capabilities, environments: ["production"], printsErrors: false, runsTwoApps: false },
});
