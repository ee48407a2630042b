/**
 * @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate
 * @typedef {Record<string, unknown>} Fault
 */
import { ask } from "./ask.js";
import { byId, element, fill } from "./element.js";

const NUMBERS = ["ms", "status", "retryAfter", "times"];

/** @param {(work: () => Promise<string>) => Promise<void>} act */
export function startFaults(act) {
  /** @type {HTMLFormElement} */
  const target = byId("fault-target");
  target.addEventListener("submit", (event) => event.preventDefault());
  target.addEventListener("change", () => {
    inputOf(target, "times").disabled = inputOf(target, "always").checked;
  });
  for (const form of byId("faults").querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!target.reportValidity()) return;
      const fault = chosen(target, form);
      void act(async () => {
        await ask("POST", "faults", fault).catch((error) => {
          tellAtField([form, target], error.message);
          throw error;
        });
        return `Added: ${sentence(fault)}.`;
      });
    });
  }
  byId("clear-faults").addEventListener("click", () =>
    act(async () => {
      await ask("DELETE", "faults");
      return "All faults are cleared.";
    }),
  );
}

/** @param {ConsoleUpdate["faults"]} faults */
export function showFaults(faults) {
  const list = byId("active-faults");
  list.dataset["note"] = faults.length === 0 ? "Nothing is broken." : "";
  fill(list, faults, () =>
    faults.map((fault) =>
      element("li", {}, element("b", {}, String(fault["kind"])), ` ${sentence(fault, true)}`),
    ),
  );
}

/**
 * The fault of one form, for the requests of the other.
 *
 * @param {HTMLFormElement} target
 * @param {HTMLFormElement} form
 * @returns {Fault}
 */
function chosen(target, form) {
  const { always, ...narrowed } = given(target);
  const { kind, on } = form.dataset;
  return {
    ...narrowed,
    ...(always === undefined ? {} : { times: "always" }),
    ...given(form),
    kind,
    // Some kinds exist on one side only.
    ...(on === undefined ? {} : { on }),
  };
}

/**
 * What a form holds, without what was left empty.
 *
 * @param {HTMLFormElement} form
 * @returns {Fault}
 */
function given(form) {
  return Object.fromEntries(
    [...new FormData(form)]
      .filter(([, value]) => value !== "")
      .map(([name, value]) => [name, NUMBERS.includes(name) ? Number(value) : value]),
  );
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function inputOf(form, name) {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
}

/**
 * Shows what the emulator says is wrong beside the field that it names, until that is changed.
 *
 * @param {readonly HTMLFormElement[]} forms
 * @param {string} message
 */
function tellAtField(forms, message) {
  const name = /^fault (\w+) must/.exec(message)?.[1] ?? "";
  const input = forms.map((form) => inputOf(form, name)).find((each) => each instanceof HTMLInputElement);
  input?.closest("details")?.setAttribute("open", "");
  input?.setCustomValidity(message);
  input?.reportValidity();
  input?.addEventListener("input", () => input.setCustomValidity(""), { once: true });
}

/**
 * @param {Fault} fault
 * @param {boolean} [isActive] - its kind stands before it, and some of its times are used up
 */
function sentence(fault, isActive = false) {
  const { kind, on, times = 1, remaining, method, path } = fault;
  const where = [on === "api" ? "API" : "token endpoint", method, path].filter(Boolean).join(" ");
  const left = isActive ? remaining : times;
  const count =
    left === "always"
      ? "until cleared"
      : `${left} ${isActive ? "more " : ""}${left === 1 ? "request" : "requests"}`;
  return [...(isActive ? [] : [kind]), ...parametersOf(fault), where, count].join(" · ");
}

/** @param {Fault} fault */
function parametersOf({ ms, status, retryAfter, before, location, body, headers }) {
  return [
    ms === undefined ? undefined : `${ms} ms`,
    status,
    retryAfter === undefined ? undefined : `retry after ${retryAfter}`,
    before === undefined ? undefined : "before the headers",
    location === undefined ? undefined : `to ${location}`,
    typeof body === "string" ? body : JSON.stringify(body),
    headers === undefined ? undefined : JSON.stringify(headers),
  ].filter((part) => part !== undefined);
}
