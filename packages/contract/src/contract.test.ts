import { capabilities } from "./core-app.test.support.ts";
import { describeContractOnServers, describeContractOnWorkerd } from "./describe-contract.ts";

const core = { framework: "core", folder: import.meta.dirname, capabilities };

describeContractOnServers(core);
describeContractOnWorkerd({
  ...core,
  capabilities: { ...capabilities, environments: ["production"], printsErrors: false },
});
