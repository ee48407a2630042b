export { cases } from "./cases/index.ts";
export {
  type Adapter,
  type Capabilities,
  type ContractApp,
  type Environment,
  type Mount,
  mountOptions,
  type RequestFacts,
  type Route,
  type RunningApp,
  type TenantRule,
} from "./contract-app.ts";
export type { ContractCase } from "./contract-case.ts";
export { casesFor, describeAdapterContract } from "./describe-adapter-contract.ts";
export { closeServer, listenUrl } from "./node-server.ts";
