import { fork } from "node:child_process";
import { once } from "node:events";

export interface ServerSettings {
  readonly cwd?: string;
  /** Besides those of this process, and PORT. */
  readonly env: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
}

/** Starts a script that listens on PORT, and resolves with its address once it does; rejects where it ends before. */
export async function startServer(
  script: string,
  { cwd = process.cwd(), env, args = [], flags = [] }: ServerSettings,
): Promise<{ url: string; stop: () => void }> {
  // The script says nowhere which port it was given, and would outlive a process that is killed.
  const tellPort = `import { subscribe } from "node:diagnostics_channel";
process.once("disconnect", () => process.exit());
subscribe("tracing:net.server.listen:asyncEnd", ({ server }) => process.send(server.address().port));`;
  const child = fork(script, args, {
    cwd,
    silent: true,
    env: { ...process.env, ...env, PORT: "0" },
    execArgv: [...flags, "--import", `data:text/javascript,${encodeURIComponent(tellPort)}`],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
  const ended = once(child, "exit").then(() => {
    throw new Error(`${script} ended before it listened:\n${output}`);
  });
  const [port] = await Promise.race([once(child, "message"), ended]);
  return { url: `http://127.0.0.1:${port}`, stop: () => child.kill() };
}
