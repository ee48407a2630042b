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
    .argument("<path>", 'below the API\'s base URL, with its query: "/api/v1/…?Page=2"')
    .option("--paginate", "read a list to its end; one item a line where it is piped")
    .option("--data <json>", "the body, as JSON; @file reads it from a file, @- from stdin")
    .addHelpText(
      "after",
      '\nExample:\n  personify call GET "/api/v1/exhibitor/event/EVENT_ID?ItemsPerPage=50" --paginate > exhibitors.ndjson\n',
    );
  addSettingsFlags(command).action((method: string, path: string, flags: CallFlags) =>
    call(method.toUpperCase(), path, flags, session),
  );
}

async function call(method: string, path: string, flags: CallFlags, session: Session): Promise<void> {
  const { terminal, signal } = session;
  refuseRewrittenPath(path);
  if (flags.paginate && method !== "GET") throw new UsageError("--paginate reads lists: use it with GET");
  const body = await readBody(flags, session);
  const settings = await readSettings(flags, terminal, signal);
  const client = createPersonifyClient({ ...clientOptions(settings, flags), fetch: hidingFetch(terminal) });
  try {
    if (flags.paginate) return await printPages(client, path, session);
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const answer = client.request(method, path, { body, headers, signal });
    const { data } = await spinning("Calling the API", terminal, answer);
    if (data !== undefined) await printJson(data, terminal);
  } catch (error) {
    if (error instanceof ApiError) noteAnswer(error, terminal);
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
    for (const item of page.value.data) await printJson(item, terminal);
  }
}

async function printJson(data: unknown, terminal: Terminal): Promise<void> {
  await terminal.print(JSON.stringify(data, null, terminal.stdout.isTTY === true ? 2 : undefined));
}

/** What the API says of its own error, for whoever is at the terminal. */
function noteAnswer({ code, response: { data } }: ApiError, { note }: Terminal): void {
  if (code !== "api_error" || data === undefined) return;
  note(typeof data === "string" ? data.slice(0, 2_000) : JSON.stringify(data, null, 2));
}

/** The runtime's `fetch`, which hides each token before an answer can repeat it. */
function hidingFetch({ hide }: Terminal): typeof fetch {
  return (input, init) => {
    const [, token = ""] = new Headers(init?.headers).get("authorization")?.split(" ") ?? [];
    hide(token);
    return fetch(input, init);
  };
}

async function readBody({ data, clientSecretFile }: CallFlags, { terminal, signal }: Session) {
  if (data === undefined) return undefined;
  if (data === "@-" && clientSecretFile === "-") {
    throw new UsageError("--data and --client-secret-file cannot both be stdin; put one of them into a file");
  }
  const body = data.startsWith("@") ? await readText("--data", data.slice(1), terminal, signal) : data;
  try {
    JSON.parse(body);
  } catch {
    throw new UsageError(
      "--data is not JSON; quote it for your shell, or put it into a file and pass --data @file",
    );
  }
  return body;
}
