export { durableObjectTokenStore, type TokenStoreNamespace } from "./durable-object-token-store.ts";
export { PersonifyTokenStore } from "./personify-token-store.ts";
