import type { Terminal } from "./terminal.ts";

/** What a command is given besides its flags. */
export interface Session {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** In place of 0, where a command ends as it should and still has bad news. */
  exitCode: number;
}
