import { ApiError, createPersonifyClient, type PersonifyClient } from "@personify-auth/core";
import type { Command } from "commander";
import { readText } from "../read-text.ts";
import { refuseRewrittenPath } from "../rewritten-path.ts";
import type { Session } from "../session.ts";
import { addSettingsFlags, clientOptions, readSettings, type SettingsFlags } from "../settings.ts";
import { spinning } from "../spinner.ts";
import type { Terminal } from "../terminal.ts";
import { UsageError } from "../usage-error.ts";

interface CallFlags extends SettingsFlags {
  readonly paginate?: true;
  readonly data?: string;
}

export function addCallCommand(program: Command, session: Session): void {
  const command = program
    .command("call")
    .summary("call the API, and print the JSON that it answers")
    .description(
      "Call the API and print the JSON that it answers: indented at a terminal, on one line where it is piped.",
    )
    .argument("<method>", "GET, POST, PUT, PATCH, DELETE …")
    .argument("<path>", "below the API's base URL, with its query: '/api/v1/…?Page=2'")
    .option("--paginate", "read a list to its end; one item a line where it is piped")
    .option("--data <json>", "the body, as JSON; @file reads it from a file, @- from stdin")
    .addHelpText(
      "after",
      "\nExample:\n  personify call GET '/api/v1/exhibitor/event/EVENT_ID?ItemsPerPage=50' --paginate > exhibitors.ndjson\n",
    );
  addSettingsFlags(command).action((method: string, path: string, flags: CallFlags) =>
    call(method.toUpperCase(), path, flags, session),
  );
}

async function call(method: string, path: string, flags: CallFlags, session: Session): Promise<void> {
  const { terminal, signal } = session;
  refuseRewrittenPath(path);
  if (flags.paginate && method !== "GET") throw new UsageError("--paginate reads lists: use it with GET");
  const body = await readBody(flags, terminal);
  const settings = await readSettings(flags, terminal, signal);
  const client = createPersonifyClient(clientOptions(settings, flags));
  try {
    if (flags.paginate) return await printPages(client, path, session);
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const answer = client.request(method, path, { body, headers, signal });
    const { data } = await spinning("Calling the API", terminal, answer);
    if (data === undefined) return;
    await hideToken(client, terminal);
    await printJson(data, terminal);
  } catch (error) {
    if (error instanceof ApiError) await noteAnswer(error, client, terminal);
    throw error;
  }
}

async function printPages(client: PersonifyClient, path: string, session: Session): Promise<void> {
  const { terminal, signal } = session;
  const [list = "", query] = path.split(/\?(.*)/s);
  const paginator = client.paginate(list, { query: new URLSearchParams(query), signal });
  const pages = paginator.pages()[Symbol.asyncIterator]();
  for (let count = 1; ; count++) {
    const page = await spinning(`Page ${count}`, terminal, pages.next());
    if (page.done) return;
    await hideToken(client, terminal);
    for (const item of page.value.data) await printJson(item, terminal);
  }
}

async function printJson(data: unknown, terminal: Terminal): Promise<void> {
  await terminal.print(JSON.stringify(data, null, terminal.stdout.isTTY === true ? 2 : undefined));
}

/** What the API says of its own error, for whoever is at the terminal. */
async function noteAnswer(error: ApiError, client: PersonifyClient, terminal: Terminal): Promise<void> {
  const { data } = error.response;
  if (error.code !== "api_error" || data === undefined) return;
  try {
    await hideToken(client, terminal);
  } catch {
    // There is no token any more, and no telling which one the answer may repeat.
    return;
  }
  // Text of a server might steer the terminal.
  const plain = typeof data === "string" ? data.slice(0, 2_000).replace(/[^\P{C}\n\t]/gu, "?") : undefined;
  terminal.note(plain ?? JSON.stringify(data, null, 2));
}

/** An answer may repeat the token that it was asked with, which the client still has at hand. */
async function hideToken(client: PersonifyClient, terminal: Terminal): Promise<void> {
  terminal.hide((await client.getAccessToken()).value);
}

async function readBody({ data, clientSecretFile }: CallFlags, terminal: Terminal) {
  if (data === undefined) return undefined;
  if (data === "@-" && clientSecretFile === "-") {
    throw new UsageError("--data and --client-secret-file cannot both be stdin; put one of them into a file");
  }
  const body = data.startsWith("@") ? await readText("--data", data.slice(1), terminal) : data;
  try {
    JSON.parse(body);
  } catch {
    throw new UsageError(
      "--data is not JSON; quote it for your shell, or put it into a file and pass --data @file",
    );
  }
  return body;
}
