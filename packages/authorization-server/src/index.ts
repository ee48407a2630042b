export type { ApiRequest, Exhibitor, Page, Whoami } from "./protected-api.ts";
export type { AuthorizationServer, ClientCredentials } from "./start-authorization-server.ts";
export { startAuthorizationServer } from "./start-authorization-server.ts";
export type { TokenFormat } from "./verify-token.ts";
