/**
 * Asks the emulator each second for what is new, and hands it to the parts of the page.
 *
 * @typedef {import("../src/console-page.ts").ConsoleSetup} ConsoleSetup
 * @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate
 */
import { ask } from "./ask.js";
import { showClients, showTenants } from "./clients.js";
import { showClock, startClock } from "./clock.js";
import { showConnect, startConnect } from "./connect.js";
import { byId } from "./element.js";
import { showFaults, startFaults } from "./faults.js";
import { say, showConnection } from "./notices.js";
import { createRequestLog } from "./request-log.js";
import { showTokens, startTokens } from "./tokens.js";

const PERIOD = 1_000;

/** @type {string | undefined} */
let run;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let waiting;

const log = createRequestLog();

/** Asks for what is new, and again in a second: never twice at once, and not while no one looks. */
async function poll() {
  clearTimeout(waiting);
  waiting = undefined;
  try {
    await update();
    showConnection("live");
  } catch {
    showConnection("lost");
  }
  if (document.hidden) {
    document.addEventListener("visibilitychange", poll, { once: true });
  } else {
    waiting = setTimeout(poll, PERIOD);
  }
}

async function update() {
  /** @type {ConsoleUpdate} */
  let news = await ask("GET", `console/updates?${log.wanted()}`);
  if (news.run !== run) {
    /** @type {ConsoleSetup} */
    const setup = await ask("GET", "console/setup");
    if (run !== undefined) {
      say("The emulator was started anew: requests, tokens, faults and its clock are those of the new one.");
      log.forget();
      news = await ask("GET", `console/updates?${log.wanted()}`);
    }
    byId("about").textContent = `${location.host} · ${setup.profile} · seed ${setup.seed}`;
    showConnect(setup);
    showTenants(setup);
    run = news.run;
  }
  log.add(news);
  showClock(news.clock);
  showTokens(news);
  showFaults(news.faults);
  showClients(news.clients, act);
}

/**
 * Does what a button is for, says what came of it, and shows it at once.
 *
 * @param {() => Promise<string>} work - resolves with what to say
 */
async function act(work) {
  try {
    say(await work());
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), "failed");
  }
  // One that is under way has its successor within a second anyway.
  if (waiting !== undefined) await poll();
}

log.start(act);
startClock(act);
startTokens(act, log.search);
startFaults(act);
startConnect();
void poll();
