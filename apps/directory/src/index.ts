export type { DirectoryOptions } from "./directory-options.ts";
export { directoryPage, type Exhibitor, errorPage } from "./pages.ts";
export { runningOn, type StartDirectory, type StartOptions, toEnvironment } from "./start.ts";
export { readTenantsByHost } from "./tenants-by-host.ts";
