export type { Capabilities } from "./adapter.ts";
export {
  type AdapterVersion,
  describeContractOnServers,
  describeContractOnWorkerd,
} from "./describe-contract.ts";
