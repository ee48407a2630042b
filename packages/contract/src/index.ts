export type { Capabilities } from "./adapter.ts";
export {
  type AdapterVersion,
  describeContractOnServers,
  describeContractOnWorkerd,
} from "./describe-contract.ts";
export { describeTokenStore } from "./store/describe-token-store.ts";
export type { StoreService } from "./store/store-case.ts";
