import { start } from "./run.ts";

/** An emulator that runs from an installed command line. */
export interface LocalPersonify {
  /** Its settings, EVENT_ID and TENANT_ID. */
  readonly variables: Record<string, string>;
  end(): Promise<void>;
}

/** Starts `personify emulate` as it is installed in `folder`. */
export async function startLocalPersonify(folder: string): Promise<LocalPersonify> {
  const { lines, end } = start("npx", ["--no-install", "personify", "emulate"], { cwd: folder });
  const variables: Record<string, string> = {};
  for await (const line of lines) {
    const [name = "", value = ""] = line.split(/=(.*)/);
    variables[name] = value;
    if (name === "PERSONIFY_ALLOW_INSECURE_HTTP") break;
  }
  const api = variables["PERSONIFY_API_BASE_URL"];
  if (api === undefined) throw new Error("personify emulate ended before it told its settings");
  const state = await fetch(`${api}/__emulator/state`);
  const { tenants } = (await state.json()) as { tenants: { id: string; events: { id: string }[] }[] };
  return { variables: { ...variables, EVENT_ID: tenants[0]?.events[0]?.id ?? "" }, end };
}
