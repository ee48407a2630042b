import type { StartedApp } from "./app/app-host.ts";
import type { AppDescription, Environment } from "./app/contract-app.ts";
import type { Witness } from "./app/witness.ts";

/** What a framework, or a runtime, can and cannot do. The suite's names state it, and its cases differ by it. */
export interface Capabilities {
  /** Whether a rejected handler reaches the framework by itself. If not, `passesErrorsOn` is set on every app. */
  readonly seesAsyncThrows: boolean;
  /** The settings of its environment that the framework knows; `["production"]` where it knows none. */
  readonly environments: readonly Environment[];
  /** In which of them the answer to an uncaught error shows the error's message and stack. */
  readonly showsErrorsIn: readonly Environment[];
  /** Whether it prints an uncaught `PersonifyError` with `console.error`. */
  readonly printsErrors: boolean;
  /** Whether two apps can run at once in what shares memory. Default true. */
  readonly runsTwoApps?: boolean;
}

/** An adapter on one version of its framework, on one runtime. */
export interface Adapter {
  readonly capabilities: Capabilities;
  /** Builds the app and serves it on 127.0.0.1 at a free port. Rejects where the adapter refuses to be mounted. */
  readonly start: (app: AppDescription) => Promise<StartedApp>;
  /** What happened where the apps run, since the first of those that run now was started. */
  readonly tell: () => Promise<Witness>;
  /** How long an answer may take before the case fails, in ms. Default 60,000. */
  readonly patienceMs?: number;
}
