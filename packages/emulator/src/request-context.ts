import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "hono";
import type { LogEntry } from "./request-log.ts";
import type { AliveToken } from "./token-registry.ts";

/** What every handler finds on its Hono context. */
export interface EmulatorEnv {
  Bindings: { incoming: IncomingMessage; outgoing: ServerResponse; entry: LogEntry };
  Variables: {
    /** The request's body as text; undefined when it was too large to be kept. */
    body: string | undefined;
    /** A fault wants this call's token refused. */
    rejectToken: boolean;
    /** The accepted token and tenant of an API call. */
    access: { readonly token: AliveToken; readonly tenantId: string };
  };
}

export type EmulatorContext = Context<EmulatorEnv>;
