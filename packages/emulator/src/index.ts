export type { ClientDefinition, ClientPatch, ClientSettings, Clients } from "./client-registry.ts";
export type { Clock } from "./clock.ts";
export type { Exhibitor, Tenant, TradeShow } from "./data/trade-shows.ts";
export type { FaultDefinition, FaultKind } from "./fault-definition.ts";
export type { ActiveFault, FaultHandle, Faults } from "./faults.ts";
export type { EmulatorOptions, Profile } from "./options.ts";
export type { ClientAuthMethod, LoggedRequest, RequestFilter, RequestKind } from "./request-log.ts";
export { type Credentials, type Emulator, startEmulator } from "./start-emulator.ts";
export type { AliveToken, Tokens } from "./token-registry.ts";
