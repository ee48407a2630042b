/** @typedef {import("../src/index.ts").LoggedRequest} LoggedRequest */
import { timeOfDay } from "./duration.js";
import { element } from "./element.js";

/** How an answer is marked, besides its number. */
const OUTCOMES = {
  pending: "pending",
  ok: "succeeded",
  redirected: "redirected",
  refused: "refused",
  failed: "failed",
  unanswered: "no answer",
};

/** @param {LoggedRequest} request */
export function hasFailed(request) {
  return ["refused", "failed", "unanswered"].includes(outcomeOf(request));
}

/** @param {LoggedRequest} request */
function outcomeOf({ status, durationMs }) {
  if (status === undefined) return durationMs === undefined ? "pending" : "unanswered";
  if (status >= 500) return "failed";
  if (status >= 400) return "refused";
  return status >= 300 ? "redirected" : "ok";
}

/** One request: a line, that opens to all that is known of it. */
export function createRow() {
  const summary = element("summary", { tabindex: "-1" });
  const details = element("details", {}, summary);
  const node = element("li", {}, details);
  /** @type {LoggedRequest | undefined} */
  let shown;
  /** @type {HTMLElement | undefined} */
  let facts;

  function showFacts() {
    facts?.remove();
    facts = undefined;
    if (!details.open || shown === undefined) return;
    facts = factsOf(shown);
    details.append(facts);
  }
  details.addEventListener("toggle", showFacts);

  return {
    node,
    /** @param {LoggedRequest} request */
    show(request) {
      // After its end, nothing of it changes.
      if (shown?.durationMs !== undefined) return;
      shown = request;
      const outcome = outcomeOf(request);
      node.dataset["outcome"] = outcome;
      node.dataset["kind"] = request.kind;
      summary.replaceChildren(...cellsOf(request, OUTCOMES[outcome]));
      showFacts();
    },
  };
}

/**
 * @param {LoggedRequest} request
 * @param {string} outcome
 */
function cellsOf({ at, kind, method, path, status, durationMs, clientId, error, fault }, outcome) {
  const marks = [
    ...(fault === undefined ? [] : [element("span", { class: "mark fault" }, fault)]),
    ...(error === undefined || error === "fault" ? [] : [element("span", { class: "mark error" }, error)]),
  ];
  return [
    element("span", { class: "at" }, timeOfDay(at, true)),
    element(
      "span",
      { class: "status" },
      element("span", { class: "shape" }),
      status === undefined ? "–" : String(status),
      element("span", { class: "hidden" }, ` ${outcome}`),
    ),
    element(
      "span",
      { class: "what" },
      element(
        "span",
        { class: "line" },
        element("span", { class: "kind" }, kind === "api" ? "API" : kind),
        element("span", { class: "method" }, method),
        element("span", { class: "path", title: path }, shortened(path)),
      ),
      element("span", { class: "who" }, clientId ?? ""),
    ),
    element("span", { class: "marks" }, ...marks),
    element(
      "span",
      { class: "took" },
      durationMs === undefined ? "…" : `${durationMs.toFixed(durationMs < 10 ? 1 : 0)} ms`,
    ),
  ];
}

/**
 * A path whose ids are cut, so that what comes after them is seen.
 *
 * @param {string} path
 */
function shortened(path) {
  return path.replace(/[^/]{24,}/g, (segment) => `${segment.slice(0, 4)}…`);
}

/** @param {LoggedRequest} request */
function factsOf(request) {
  const { method, path, status, error, fault, clientId, clientAuthMethod, tenantId, tokenId } = request;
  /** @type {[string, readonly (string | undefined)[]][]} */
  const facts = [
    ["Request", [`${method} ${path}`]],
    ["Outcome", [`${status ?? ""} ${OUTCOMES[outcomeOf(request)]}`.trim()]],
    ["Error", [error]],
    ["Fault", [fault]],
    ["Client", [clientId]],
    ["Authentication", [clientAuthMethod]],
    ["Tenant", [tenantId]],
    ["Token", [tokenId]],
    ["Query", linesOf(request.query)],
    ["Form", linesOf(request.parameters)],
    ["Headers", linesOf(request.headers)],
  ];
  const known = facts.filter(([, [value]]) => value !== undefined);
  return element(
    "dl",
    {},
    ...known.map(([name, values]) =>
      element("div", {}, element("dt", {}, name), ...values.map((value) => element("dd", {}, String(value)))),
    ),
  );
}

/** @param {LoggedRequest["query"]} [values] */
function linesOf(values = {}) {
  return Object.entries(values).flatMap(([key, value]) => [value].flat().map((each) => `${key}: ${each}`));
}
