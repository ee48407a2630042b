export type { Capabilities } from "./adapter.ts";
export {
  type AdapterVersion,
  describeContractOn,
  describeContractOnWorkerd,
} from "./describe-adapter-contract.ts";
