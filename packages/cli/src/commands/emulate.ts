import { once } from "node:events";
import { type Emulator, type FaultDefinition, type Profile, startEmulator } from "@personify-auth/emulator";
import type { Command } from "commander";
import { readText } from "../read-text.ts";
import type { Session } from "../session.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface EmulateFlags {
  readonly port?: string;
  readonly seed?: string;
  readonly profile?: string;
  readonly faults?: string;
}

export function addEmulateCommand(program: Command, session: Session): void {
  program
    .command("emulate")
    .summary("run a local Personify, and print the settings for it")
    .description(
      "Run a local Personify on this machine, and print the settings for it: made-up tenants and credentials, real tokens. It stops with Ctrl+C.",
    )
    .option("--port <number>", "a TCP port on 127.0.0.1; a free one where it is not set")
    .option("--seed <number>", "another one makes other tenants, exhibitors and secrets (default: 1)")
    .option("--profile <name>", "how errors are phrased: identityserver, as Personify seems to, or rfc6749")
    .option(
      "--faults <json>",
      'what goes wrong, as JSON or a file of it: \'[{"on": "api", "kind": "html"}]\'',
    )
    .addHelpText("after", help)
    .action((flags: EmulateFlags) => emulate(flags, session));
}

const help = `
A fault meets one request; "times": 5 makes it five, "times": "always" all. Kinds: latency, status, reset, stall,
truncate, html, redirect, reject-token, token-response, as the README of @personify-auth/emulator explains them.

Example:
  personify emulate --port 4000 > .env
`;

async function emulate(flags: EmulateFlags, { terminal, signal }: Session): Promise<void> {
  const faults = flags.faults === undefined ? [] : await readFaults(flags.faults, terminal, signal);
  const emulator = await start(flags);
  try {
    explained(() => {
      for (const fault of faults) emulator.faults.add(fault);
    });
    // They are good for nothing but this emulator, and whoever asks for it wants them.
    for (const [name, value] of Object.entries(emulator.env)) {
      await terminal.reveal(`${name}=${value}`);
    }
    terminal.note(
      `A local Personify listens at ${emulator.apiBaseUrl}; open it in a browser to see and break what it does. Ctrl+C stops it.`,
    );
    if (!signal.aborted) await once(signal, "abort");
  } finally {
    await emulator.close();
  }
}

async function start({ port, seed, profile }: EmulateFlags): Promise<Emulator> {
  const options = {
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(profile === undefined ? {} : { profile: profile as Profile }),
  };
  try {
    return await startEmulator(options);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE") throw new UsageError(`Port ${port} is taken; choose another with --port`);
    if (code === "EACCES") throw new UsageError(`Port ${port} is not yours to take; choose one from 1024 on`);
    throw asUsageError(error);
  }
}

async function readFaults(
  given: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<FaultDefinition[]> {
  const json = /^\s*[[{]/.test(given) ? given : await readText("--faults", given, terminal, signal);
  let faults: FaultDefinition | FaultDefinition[];
  try {
    faults = JSON.parse(json);
  } catch {
    throw new UsageError("--faults is not JSON; quote it for your shell, or name a file of it");
  }
  return [faults].flat().map(withTimes);
}

/** JSON has no Infinity: "always" stands for it. */
function withTimes(fault: FaultDefinition): FaultDefinition {
  const times: unknown = fault?.times;
  return times === "always" ? { ...fault, times: Infinity } : fault;
}

/** The emulator says what is wrong with what it is given in a TypeError. */
function explained(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw asUsageError(error);
  }
}

function asUsageError(error: unknown): unknown {
  return error instanceof TypeError ? new UsageError(error.message) : error;
}
