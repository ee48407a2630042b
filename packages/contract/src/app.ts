export type { StartedApp } from "./app/app-host.ts";
export type { ContractApp, Mount, Route } from "./app/contract-app.ts";
export { hostInWorker, type Worker } from "./app/host-in-worker.ts";
export { mountOptions } from "./app/mount-options.ts";
