import type { Command } from "commander";
import { type Diagnosis, diagnose } from "../doctor/diagnose.ts";
import { exitCodes } from "../exit-codes.ts";
import { refuseRewrittenPath } from "../rewritten-path.ts";
import type { Session } from "../session.ts";
import { addSettingsFlags, clientOptions, readSettings, type SettingsFlags } from "../settings.ts";
import { spinning } from "../spinner.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface DoctorFlags extends SettingsFlags {
  readonly path?: string;
  readonly json?: true;
}

/** An event that does not exist: a server that says so has accepted token and tenant. */
const guessedPath = "/api/v1/exhibitor/event/0";
const timeout = 10_000;

export function addDoctorCommand(program: Command, session: Session): void {
  const command = program
    .command("doctor")
    .summary("find out what is wrong, and how to mend it")
    .description(
      "Check everything from settings to an authenticated call, and tell what is wrong and how to mend it. Nothing is written: it asks for tokens, and sends GET to the API.",
    )
    .option("--path <path>", `what to ask the API for (default: ${guessedPath}, of which a 404 is good news)`)
    .option("--json", "one JSON object: ok, and what each check found")
    .addHelpText("after", "\nIt ends with 0 where all is well, with 1 where a check found a fault.\n");
  addSettingsFlags(command).action((flags: DoctorFlags) => doctor(flags, session));
}

async function doctor(flags: DoctorFlags, session: Session): Promise<void> {
  const { terminal, signal } = session;
  if (flags.path !== undefined) {
    refuseRewrittenPath(flags.path);
    if (URL.canParse(flags.path))
      throw new UsageError("--path is no URL: leave PERSONIFY_API_BASE_URL out of it");
  }
  const settings = await readSettings(flags, terminal, signal);
  const examination = {
    settings,
    options: () => clientOptions(settings, flags),
    env: terminal.env,
    path: flags.path ?? guessedPath,
    isGuess: flags.path === undefined,
    timeout,
    signal,
  };
  const checks: Diagnosis[] = [];
  const findings = diagnose(examination);
  for (;;) {
    const next = await spinning("Checking", terminal, findings.next());
    if (next.done) break;
    checks.push(next.value);
    if (!flags.json) await printFinding(next.value, terminal);
  }
  const isWell = checks.every(({ status }) => status !== "fault");
  if (flags.json) await terminal.print(JSON.stringify({ ok: isWell, checks }, null, 2));
  if (!isWell) session.exitCode = exitCodes.fault;
}

async function printFinding(found: Diagnosis, { colors, print }: Terminal): Promise<void> {
  const name = found.check.padEnd(15);
  switch (found.status) {
    case "ok":
      return print(`${colors.green("✓")} ${name} ${colors.dim(found.detail)}`);
    case "skipped":
      return print(colors.dim(`- ${name} skipped: ${found.detail}`));
    case "fault":
      await print(`${colors.red("✗")} ${colors.bold(name)} ${found.cause} ${colors.dim(`[${found.fault}]`)}`);
      return print(`  ${" ".repeat(15)} → ${found.mend}`);
  }
}
