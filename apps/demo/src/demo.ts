import { parseArgs, styleText } from "node:util";
import { playScenes } from "./scenes.ts";
import { hostOf, openStage, type Stage } from "./stage.ts";

const flags = readFlags();

const startedAt = performance.now();
const stage = await openStage();
const figures: Record<string, number> = {};
let played = 0;
let held = 0;

say(styleText("bold", "An Express app on real tokens, against a local Personify"));
say(`  emulator ${stage.emulator.apiBaseUrl}\n`);
for await (const scene of playScenes(stage)) {
  played++;
  if (scene.holds) held++;
  Object.assign(figures, scene.figures);
  say(`${scene.holds ? styleText("green", "✓") : styleText("red", "✗")} ${scene.claim}`);
  for (const detail of scene.details ?? []) say(styleText("dim", `    ${detail}`));
}
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
if (flags.json) console.log(JSON.stringify({ ...figures, claims: played, claimsHeld: held }));
else say(`\n${held} of ${played} claims hold, in ${seconds} s`);
if (held < played) process.exitCode = 1;

if (flags.serve) await serve(stage);
else await stage.close();

function readFlags() {
  try {
    const options = {
      json: { type: "boolean", default: false },
      serve: { type: "boolean", default: false },
    } as const;
    return parseArgs({ options }).values;
  } catch {
    console.error("Usage: demo [--json] [--serve]");
    process.exit(2);
  }
}

/** Leaves everything running for a person to try, until interrupted. */
async function serve({ emulator, startApp, close }: Stage): Promise<void> {
  emulator.clients.update(emulator.credentials.clientId, { tokenLifetime: 3_600 });
  const app = await startApp();
  const [tenant] = emulator.tenants;
  const eventId = tenant?.events[0]?.id;
  const host = tenant === undefined ? "" : hostOf(tenant);
  say(`
Running until you press Ctrl-C. Try:
  curl -H 'Host: ${host}' '${app.url}/events/${eventId}?page=2'
  curl -H 'X-Tenant-Id: ${tenant?.id}' -H 'Accept: application/json' '${app.url}/events/${eventId}'
  curl -i -H 'X-Tenant-Id: unknown' '${app.url}/events/${eventId}'
  curl '${emulator.apiBaseUrl}/__emulator/requests'
  curl -H 'Content-Type: application/json' -d '{}' '${emulator.apiBaseUrl}/__emulator/tokens/revoke'`);
  process.once("SIGINT", () => void close());
}

function say(line: string): void {
  if (!flags.json) console.log(line);
}
