import { byId, visible } from "./element.js";

/** How long a notice stays, in milliseconds: long enough to be read twice. */
const STAYS = 6_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let leaving;

/**
 * Tells, on the page and to a screen reader, what was done or what went wrong.
 *
 * @param {string} text
 * @param {"done" | "failed"} [outcome]
 */
export function say(text, outcome = "done") {
  const said = byId("said");
  said.textContent = visible(text);
  said.dataset["outcome"] = outcome;
  clearTimeout(leaving);
  leaving = setTimeout(() => {
    said.textContent = "";
  }, STAYS);
}

/**
 * Tells whether the emulator answers.
 *
 * @param {"live" | "lost"} state
 */
export function showConnection(state) {
  const connection = byId("connection");
  // What does not change is not said again.
  if (connection.dataset["state"] === state) return;
  connection.dataset["state"] = state;
  connection.textContent = state === "live" ? "Live" : "The emulator does not answer; trying each second";
}
