/**
 * @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate
 * @typedef {import("../src/index.ts").LoggedRequest} LoggedRequest
 */
import { ask } from "./ask.js";
import { byId } from "./element.js";
import { keyedList } from "./keyed-list.js";
import { moveByKeys } from "./keys.js";
import { createRow, hasFailed } from "./request-row.js";

/** As many requests are remembered for the filters, and of those that pass as many are shown. */
const REMEMBERED = 1_000;
const SHOWN = 200;
/** As many are asked after, the newest. */
const PENDING = 50;

/** The list of requests, newest on top. */
export function createRequestLog() {
  const list = byId("rows");
  /** @type {HTMLFormElement} */
  const filters = byId("filters");
  const pause = byId("log-pause");
  /** Oldest first. @type {LoggedRequest[]} */
  let requests = [];
  /** The id of the last request so far. */
  let latest = 0;
  let isPaused = false;
  const showRows = keyedList(list, createRow);
  const keys = moveByKeys(list, "summary");

  function show() {
    const passes = filterOf(filters);
    const passing = requests.filter(passes);
    const wanted = passing.slice(-SHOWN).reverse();
    showRows(wanted);
    const hidden = passing.length - wanted.length;
    byId("log-count").textContent = `${wanted.length} shown${hidden > 0 ? `, ${hidden} older ones not` : ""}`;
    byId("log-empty").hidden = wanted.length > 0;
    byId("log-empty").textContent =
      requests.length > 0
        ? "No request passes the filters."
        : "No request yet. Point an app at this emulator, or paste a curl line from “Connect”.";
    keys.refresh();
  }

  return {
    /** What to ask for: all that came after the last request, and what became of those that had no end yet. */
    wanted() {
      const pending = requests.filter(({ durationMs }) => durationMs === undefined).map(({ id }) => id);
      return new URLSearchParams({ after: String(latest), pending: pending.slice(-PENDING).join(" ") });
    },

    /** @param {ConsoleUpdate} news */
    add(news) {
      const fresh = new Map(news.requests.map((request) => [request.id, request]));
      const kept = requests.filter(({ id }) => id >= news.oldest && !fresh.has(id));
      requests = [...kept, ...fresh.values()].sort((one, other) => one.id - other.id).slice(-REMEMBERED);
      latest = news.latest;
      if (!isPaused) show();
    },

    /** Forgets all: they were another emulator's. */
    forget() {
      requests = [];
      latest = 0;
      show();
    },

    /** @param {string} text */
    search(text) {
      const input = /** @type {HTMLInputElement} */ (filters.elements.namedItem("text"));
      input.value = text;
      input.focus();
      show();
    },

    /** @param {(work: () => Promise<string>) => Promise<void>} act */
    start(act) {
      filters.addEventListener("submit", (event) => event.preventDefault());
      filters.addEventListener("input", show);
      pause.addEventListener("click", () => {
        isPaused = !isPaused;
        pause.setAttribute("aria-pressed", String(isPaused));
        if (!isPaused) show();
      });
      byId("log-clear").addEventListener("click", () =>
        act(async () => {
          await ask("DELETE", "requests");
          return "The requests are forgotten.";
        }),
      );
    },
  };
}

/**
 * @param {HTMLFormElement} form
 * @returns {(request: LoggedRequest) => boolean}
 */
function filterOf(form) {
  const data = new FormData(form);
  const kind = data.get("kind");
  const isFailedOnly = data.has("failed");
  const text = String(data.get("text")).trim().toLowerCase();
  return (request) =>
    (kind === "" || request.kind === kind) &&
    (!isFailedOnly || hasFailed(request)) &&
    (text === "" || searchable(request).includes(text));
}

/** @param {LoggedRequest} request */
function searchable({ method, path, status, clientId, tenantId, tokenId, error, fault }) {
  return [method, path, status, clientId, tenantId, tokenId, error, fault]
    .filter(Boolean)
    .join("\n")
    .toLowerCase();
}
