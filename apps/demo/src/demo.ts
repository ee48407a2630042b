import { parseArgs, styleText } from "node:util";
import { openTelemetry } from "@personify-auth/otel";
import { apps } from "./apps.ts";
import { playScenes } from "./scenes.ts";
import { hostOf, openStage, type Stage } from "./stage.ts";
import { startTelemetry } from "./telemetry.ts";

const flags = readFlags();
if (flags.help) tellUsage(0);
const chosen = [...apps].filter(([name]) => flags.app === "all" || flags.app === name);
if (chosen.length === 0 || (flags.serve && chosen.length > 1)) tellUsage(2);
// On workerd the app is in another process than the SDK.
if (flags.otel && chosen.some(([name]) => name === "edge")) tellUsage(2);
const telemetry = flags.otel ? startTelemetry() : undefined;

const startedAt = performance.now();
const figuresByApp: Record<string, Record<string, number>> = {};
const claims = { played: 0, held: 0 };

for (const [name, start] of chosen) {
  const stage = await openStage(start, telemetry === undefined ? {} : openTelemetry());
  say(styleText("bold", `The example app on ${name}, on real tokens, against a local Personify`));
  say(`  emulator ${stage.emulator.apiBaseUrl}\n`);
  figuresByApp[name] = await tell(stage);
  if (telemetry !== undefined) {
    say(styleText("bold", "Its metrics, as Prometheus sees them"));
    for (const line of await telemetry.metrics()) say(`  ${line}`);
    say(styleText("bold", "\nThe trace of a call whose token was rejected"));
    for (const line of telemetry.trace()) say(`  ${line}`);
    say("");
  }
  if (flags.serve) await serve(stage);
  else await stage.close();
}

const [onlyFigures] = Object.values(figuresByApp);
const figures = flags.app === "all" ? figuresByApp : onlyFigures;
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
if (flags.json) console.log(JSON.stringify({ ...figures, claims: claims.played, claimsHeld: claims.held }));
else if (!flags.serve) say(`${claims.held} of ${claims.played} claims hold, in ${seconds} s`);
if (claims.held < claims.played) process.exitCode = 1;

/** Plays the story, telling it line by line, and returns what was measured. */
async function tell(stage: Stage): Promise<Record<string, number>> {
  const measured: Record<string, number> = {};
  for await (const scene of playScenes(stage)) {
    claims.played++;
    if (scene.holds) claims.held++;
    Object.assign(measured, scene.figures);
    say(`${scene.holds ? styleText("green", "✓") : styleText("red", "✗")} ${scene.claim}`);
    for (const detail of scene.details ?? []) say(styleText("dim", `    ${detail}`));
  }
  say("");
  return measured;
}

/** Leaves everything running for a person to try, until interrupted. */
async function serve({ emulator, variables, startApp, close }: Stage): Promise<void> {
  emulator.clients.update(emulator.credentials.clientId, { tokenLifetime: 3_600 });
  const app = await startApp();
  const [tenant] = emulator.tenants;
  const eventId = tenant?.events[0]?.id;
  const host = tenant === undefined ? "" : hostOf(tenant);
  say(`${claims.held} of ${claims.played} claims hold. Running until you press Ctrl-C.
To start another app on this Personify:
  ${variables}
To see what it does, and break it, open in a browser:
  ${emulator.apiBaseUrl}
Try:
  curl -H 'Host: ${host}' '${app.url}/events/${eventId}?page=2'
  curl -H 'X-Tenant-Id: ${tenant?.id}' -H 'Accept: application/json' '${app.url}/events/${eventId}'
  curl -i -H 'X-Tenant-Id: unknown' '${app.url}/events/${eventId}'
  curl '${emulator.apiBaseUrl}/__emulator/requests'
  curl -H 'Content-Type: application/json' -d '{}' '${emulator.apiBaseUrl}/__emulator/tokens/revoke'`);
  // workerd's keeper would exit with an error, before everything is closed.
  process.removeAllListeners("SIGINT").once("SIGINT", () => void close());
}

function readFlags() {
  try {
    const options = {
      app: { type: "string", default: "express" },
      json: { type: "boolean", default: false },
      serve: { type: "boolean", default: false },
      otel: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch {
    return tellUsage(2);
  }
}

function tellUsage(code: 0 | 2): never {
  const names = [...apps.keys(), "all"].join("|");
  console[code === 0 ? "log" : "error"](`Usage: demo [--app ${names}] [--json] [--serve] [--otel]`);
  process.exit(code);
}

function say(line: string): void {
  if (!flags.json) console.log(line);
}
