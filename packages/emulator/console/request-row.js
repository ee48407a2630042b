/** @typedef {import("../src/index.ts").LoggedRequest} LoggedRequest */
import { timeOfDay } from "./duration.js";
import { element } from "./element.js";

/** A shape, a word and a colour for each outcome, so that none is told by its colour alone. */
const OUTCOMES = {
  pending: ["◇", "pending", "quiet"],
  ok: ["●", "succeeded", "ok"],
  redirected: ["►", "redirected", "ok"],
  refused: ["▲", "refused", "warn"],
  failed: ["■", "failed", "bad"],
  unanswered: ["□", "no answer", "bad"],
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
      node.dataset["kind"] = request.kind;
      summary.replaceChildren(...cellsOf(request));
      showFacts();
    },
  };
}

/** @param {LoggedRequest} request */
function cellsOf(request) {
  const { at, kind, method, path, status, durationMs, clientId, error, fault } = request;
  const [shape = "", outcome, colour] = OUTCOMES[outcomeOf(request)];
  const marks = [
    ...(fault === undefined ? [] : [span("mark warn strong cut", fault)]),
    ...(error === undefined || error === "fault" ? [] : [span("mark bad strong cut", error)]),
  ];
  const line = [
    span("kind quiet", kind === "api" ? "API" : kind),
    span("mono strong", method),
    element("span", { class: "mono cut", title: path }, shortened(path)),
  ];
  return [
    span("at mono quiet", timeOfDay(at, true)),
    span(
      `strong ${colour}`,
      element("span", { "aria-hidden": "true" }, `${shape} `),
      status === undefined ? "–" : String(status),
      span("hidden", ` ${outcome}`),
    ),
    span("what", span("line", ...line), span("quiet cut", clientId ?? "")),
    span("line", ...marks),
    span("end quiet", durationMs === undefined ? "…" : `${durationMs.toFixed(durationMs < 10 ? 1 : 0)} ms`),
  ];
}

/**
 * @param {string} name - of its classes
 * @param {readonly (Node | string)[]} children
 */
function span(name, ...children) {
  return element("span", { class: name }, ...children);
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
    ["Outcome", [`${status ?? ""} ${OUTCOMES[outcomeOf(request)][1]}`.trim()]],
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
    ...known.flatMap(([name, values]) => [
      element("dt", {}, name),
      ...values.map((value) => element("dd", {}, String(value))),
    ]),
  );
}

/** @param {LoggedRequest["query"]} [values] */
function linesOf(values = {}) {
  return Object.entries(values).flatMap(([key, value]) => [value].flat().map((each) => `${key}: ${each}`));
}
