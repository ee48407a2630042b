import { parseEnv } from "node:util";
import { optionsFromEnv, type PersonifyClientOptions } from "@personify-auth/core";
import type { Command } from "commander";
import { askSecret } from "./ask-secret.ts";
import { readText } from "./read-text.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

/** The variables of core's `optionsFromEnv`, as they were given. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** Without these there is no client. */
export const requiredSettings = ["PERSONIFY_CLIENT_ID", "PERSONIFY_CLIENT_SECRET", "PERSONIFY_API_BASE_URL"];

export interface SettingsFlags {
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly apiBaseUrl?: string;
  readonly tokenUrl?: string;
  readonly scope?: string;
  /** `false` for --no-tenant. */
  readonly tenant?: string | false;
  readonly allowInsecureHttp?: boolean;
  readonly envFile?: string;
}

export function addSettingsFlags(command: Command): Command {
  return command
    .optionsGroup("Settings; a flag wins over its variable:")
    .option("--client-id <id>", "PERSONIFY_CLIENT_ID")
    .option(
      "--client-secret-file <file>",
      "a file that holds the secret alone, - for stdin;\nelse PERSONIFY_CLIENT_SECRET, or you are asked for it",
    )
    .option("--api-base-url <url>", "PERSONIFY_API_BASE_URL")
    .option("--tenant <id>", "PERSONIFY_TENANT_ID")
    .option("--no-tenant", "send no X-Tenant-Id: for APIs without tenants")
    .option("--token-url <url>", "PERSONIFY_TOKEN_URL; Personify's own where it is not set")
    .option("--scope <scopes>", "PERSONIFY_SCOPE, separated by spaces; idp_api where it is not set")
    .option("--allow-insecure-http", "PERSONIFY_ALLOW_INSECURE_HTTP=loopback: http:// to this machine")
    .option("--env-file <file>", "read the variables from a file; it wins over the environment")
    .optionsGroup("Options:");
}

/** Flags before --env-file before the environment; asks for the secret where it is all that is missing. */
export async function readSettings(
  flags: SettingsFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Settings> {
  refuseEmpty(flags);
  const { clientSecretFile, envFile } = flags;
  const fromFile = envFile === undefined ? {} : await readEnvFile(envFile, terminal, signal);
  const settings: Record<string, string | undefined> = {
    ...named(terminal.env),
    ...named(fromFile),
    ...named({
      PERSONIFY_CLIENT_ID: flags.clientId,
      PERSONIFY_API_BASE_URL: flags.apiBaseUrl,
      PERSONIFY_TENANT_ID: flags.tenant || undefined,
      PERSONIFY_TOKEN_URL: flags.tokenUrl,
      PERSONIFY_SCOPE: flags.scope,
      PERSONIFY_ALLOW_INSECURE_HTTP: flags.allowInsecureHttp === true ? "loopback" : undefined,
    }),
  };
  if (clientSecretFile !== undefined) {
    const text = await readText("--client-secret-file", clientSecretFile, terminal, signal);
    settings["PERSONIFY_CLIENT_SECRET"] = text.replace(/\r?\n$/, "");
  } else if (isAllBut("PERSONIFY_CLIENT_SECRET", settings) && terminal.stdin.isTTY === true) {
    settings["PERSONIFY_CLIENT_SECRET"] = await askSecret("Client secret (not shown): ", terminal, signal);
  }
  terminal.hide(settings["PERSONIFY_CLIENT_SECRET"] ?? "");
  return settings;
}

/** A shell's variable that is not set leaves nothing, and the call would go to the tenant of the environment. */
function refuseEmpty(flags: SettingsFlags): void {
  const empty = Object.entries(flags).find(([, value]) => value === "");
  if (empty === undefined) return;
  const flag = empty[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`--${flag} is empty; give it a value, or leave it out`);
}

async function readEnvFile(file: string, terminal: Terminal, signal: AbortSignal): Promise<Settings> {
  const text = await readText("--env-file", file, terminal, signal);
  const [, cut] = /^\s*(?:export\s+)?(PERSONIFY_\w+)\s*=(?:[^\n'"`#]*[^\s'"`#])?#/m.exec(text) ?? [];
  if (cut === undefined) return parseEnv(text);
  throw new UsageError(
    `--env-file: the value of ${cut} ends at its #, as at a comment; put quotes around it`,
  );
}

/** @throws ConfigurationError naming the setting that is missing or wrong */
export function clientOptions(settings: Settings, flags: SettingsFlags): PersonifyClientOptions {
  const options = optionsFromEnv(settings);
  return flags.tenant === false ? { ...options, tenantId: false } : options;
}

export function tokenUrlOf(settings: Settings): string {
  return settings["PERSONIFY_TOKEN_URL"] ?? "https://prod.personifyauth.com/connect/token";
}

export function scopeOf(settings: Settings): string {
  return settings["PERSONIFY_SCOPE"] ?? "idp_api";
}

/** Empty counts as not given, as it does in core. */
function named(variables: Settings): Settings {
  const isGiven = ([name, value]: [string, unknown]) => name.startsWith("PERSONIFY_") && Boolean(value);
  return Object.fromEntries(Object.entries(variables).filter(isGiven));
}

function isAllBut(missing: string, settings: Settings): boolean {
  return requiredSettings.every((name) => (settings[name] === undefined) === (name === missing));
}
