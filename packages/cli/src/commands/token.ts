import { type AccessToken, createPersonifyClient } from "@personify-auth/core";
import type { Command } from "commander";
import { curlLines } from "../curl-lines.ts";
import { decodeJwt } from "../decode-jwt.ts";
import type { Session } from "../session.ts";
import { addSettingsFlags, clientOptions, readSettings, type SettingsFlags } from "../settings.ts";
import { spinning } from "../spinner.ts";

interface TokenFlags extends SettingsFlags {
  readonly show?: true;
  readonly curl?: true;
}

export function addTokenCommand(program: Command, session: Session): void {
  const command = program
    .command("token")
    .summary("get a token, and tell what was granted")
    .description(
      "Get a token, and tell what was granted: type, scope, lifetime, and its claims where it is a JWT.",
    )
    .option("--show", "print the token itself, alone on stdout")
    .option(
      "--curl",
      "print curl lines for a token request and for a call instead, which take the secret from PERSONIFY_CLIENT_SECRET; with --show, with the token",
    )
    .addHelpText(
      "after",
      '\nExample, with the token where no process list shows it:\n  printf "Authorization: Bearer %s" "$(personify token --show)" | curl -H @- …\n',
    );
  addSettingsFlags(command).action((flags: TokenFlags) => token(flags, session));
}

async function token(flags: TokenFlags, { terminal, signal }: Session): Promise<void> {
  const settings = await readSettings(flags, terminal, signal);
  const client = createPersonifyClient(clientOptions(settings, flags));
  const obtain = () => spinning("Getting a token", terminal, client.getAccessToken({ signal }));
  if (flags.curl) {
    const value = flags.show ? (await obtain()).value : undefined;
    for (const line of curlLines(settings, flags.tenant, value)) await terminal.print(line);
    return;
  }
  const granted = await obtain();
  if (flags.show) return terminal.reveal(granted.value);
  terminal.hide(granted.value);
  for (const [name, text] of describe(granted)) {
    await terminal.print(`${terminal.colors.bold(name.padEnd(8))} ${text}`);
  }
}

function describe(granted: AccessToken): [name: string, text: string][] {
  const seconds = Math.round((granted.expiresAt - Date.now()) / 1_000);
  const claims = decodeJwt(granted.value);
  return [
    ["Type", granted.type],
    ["Scope", granted.scope ?? "not told"],
    ["Expires", `in ${seconds} s, at ${new Date(granted.expiresAt).toISOString()}`],
    [
      "Claims",
      claims === undefined ? "none to read: the token is not a JWT" : JSON.stringify(claims, null, 2),
    ],
  ];
}
