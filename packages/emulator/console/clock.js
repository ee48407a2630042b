/** @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate */
import { ask } from "./ask.js";
import { duration, timeOfDay } from "./duration.js";
import { byId } from "./element.js";

/** @param {(work: () => Promise<string>) => Promise<void>} act */
export function startClock(act) {
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = document.querySelectorAll("[data-advance]");
  for (const button of buttons) {
    const advance = Number(button.dataset["advance"]);
    button.addEventListener("click", () =>
      act(async () => {
        await ask("POST", "clock", { advance });
        return `The clock went ahead by ${duration(advance)}.`;
      }),
    );
  }
}

/** @param {ConsoleUpdate["clock"]} clock */
export function showClock({ now, ahead }) {
  const time = byId("clock-time");
  time.textContent = timeOfDay(now);
  time.setAttribute("datetime", new Date(now).toISOString());
  // Both clocks are read one after the other: a millisecond less is no second less.
  const seconds = Math.round(ahead / 1000);
  byId("clock-ahead").textContent = seconds === 0 ? "real time" : `${duration(seconds * 1000)} ahead`;
}
