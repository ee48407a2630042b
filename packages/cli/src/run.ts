import { createRequire } from "node:module";
import { isPersonifyError, TokenRequestError } from "@personify-auth/core";
import { Command, CommanderError } from "commander";
import { commandLineMessage } from "./command-line-message.ts";
import { addCallCommand } from "./commands/call.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addEmulateCommand } from "./commands/emulate.ts";
import { addTokenCommand } from "./commands/token.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import type { Session } from "./session.ts";
import { createTerminal, type Streams } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** What a run sees of the process that it is in. */
export interface Surroundings extends Streams {
  /** Ends the command, as Ctrl+C does. */
  readonly signal: AbortSignal;
}

/** Runs `personify` with these arguments. Resolves with its exit code; never rejects. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const terminal = createTerminal(surroundings);
  const session: Session = { terminal, signal: surroundings.signal, exitCode: exitCodes.ok };
  try {
    refuseSecretInFlag(args);
    await createProgram(session).parseAsync([...args], { from: "user" });
    return session.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    if (surroundings.signal.aborted || (error as Error | undefined)?.name === "AbortError") {
      return exitCodes.interrupted;
    }
    const isForeseen = isPersonifyError(error) || error instanceof UsageError;
    terminal.note(`${isForeseen ? "" : "Unforeseen: "}${commandLineMessage((error as Error).message)}`);
    if (error instanceof TokenRequestError && error.errorDescription) {
      terminal.note(`The endpoint says: ${error.errorDescription}`);
    }
    const code = exitCodeOf(error);
    if (code === exitCodes.token || code === exitCodes.network) {
      terminal.note("personify doctor, with the same settings, looks for the cause");
    }
    return code;
  }
}

const { version } = createRequire(import.meta.url)("../package.json") as { version: string };

function createProgram(session: Session): Command {
  const { stdout, stderr } = session.terminal;
  const program = new Command("personify")
    .description(
      "An authenticated client of the Personify (A2Z Events) REST API: get a token, call the API, find out what is wrong, run a local Personify. Not made or endorsed by Personify.",
    )
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      // A misspelt flag may hold a secret.
      outputError: (text, write) => write(text.replace(/(--?[\w-]+)=[^\n]*'/g, "$1=…'")),
      getOutHasColors: () => session.terminal.colors.isColorSupported,
    })
    .showSuggestionAfterError()
    .addHelpText("after", help);
  addTokenCommand(program, session);
  addCallCommand(program, session);
  addDoctorCommand(program, session);
  addEmulateCommand(program, session);
  return program;
}

const help = `
Settings come from flags, the environment or a file (--env-file). The secret never comes from a flag:
every process of the machine could read it there.

Begin with:
  personify emulate > .env           a local Personify, in one terminal
  personify doctor --env-file .env   what works and what does not, in another
  personify call GET /api/v1/whoami --env-file .env

Exit codes: 0 done · 1 doctor found a fault · 2 command line or settings · 3 no token · 4 the API refused
5 no answer · 6 throttled or failing, try later · 130 interrupted
`;

function refuseSecretInFlag(args: readonly string[]): void {
  if (!args.some((arg) => /^--client-?secret(=|$)/i.test(arg))) return;
  throw new UsageError(
    "A secret in a flag can be read by every process of the machine, and stays in the shell's history; set PERSONIFY_CLIENT_SECRET, or use --client-secret-file",
  );
}
