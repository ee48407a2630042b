/** @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate */
import { ask } from "./ask.js";
import { duration } from "./duration.js";
import { byId, element } from "./element.js";
import { keyedList } from "./keyed-list.js";

/** From this share of its life on, a client is about to renew its token. */
const LATE = 0.8;

/** The emulator's time, in epoch milliseconds. */
let now = 0;

const showList = keyedList(byId("tokens"), createToken);

/** @type {(text: string) => void} */
let search = () => {};

/**
 * @param {(work: () => Promise<string>) => Promise<void>} act
 * @param {(text: string) => void} showRequestsOf
 */
export function startTokens(act, showRequestsOf) {
  search = showRequestsOf;
  byId("revoke-all").addEventListener("click", () => act(() => revoke({})));
}

/**
 * Revokes the tokens of one client, or all of them, and tells how many there were.
 *
 * @param {{ clientId?: string }} of
 */
export async function revoke(of) {
  const { revoked } = await ask("POST", "tokens/revoke", of);
  if (revoked === 0) return "No token was alive.";
  return `${revoked === 1 ? "1 token is" : `${revoked} tokens are`} revoked: the API answers 401.`;
}

/** @param {Pick<ConsoleUpdate, "tokens" | "clock">} update */
export function showTokens({ tokens, clock }) {
  byId("tokens-count").textContent = String(tokens.alive);
  const list = byId("tokens");
  now = clock.now;
  showList(tokens.newest);
  const rest = tokens.alive - tokens.newest.length;
  list.dataset["note"] = rest > 0 ? `and ${rest} older ones` : tokens.alive === 0 ? "No token is alive." : "";
}

/** @param {ConsoleUpdate["tokens"]["newest"][number]} token */
function createToken({ id, clientId, scope, issuedAt, expiresAt }) {
  const label = `Show the requests of token ${id}`;
  const requests = element("button", { type: "button", class: "link mono strong", "aria-label": label }, id);
  requests.addEventListener("click", () => search(id));
  const left = element("span", { class: "end" });
  const bar = element("div", { class: "age", role: "meter", "aria-label": `Age of token ${id}` });
  bar.setAttribute("aria-valuemin", "0");
  bar.setAttribute("aria-valuemax", "100");
  const life = expiresAt - issuedAt;
  const of = element("span", { class: "quiet cut" }, `${clientId} · ${scope}`);
  const node = element("li", {}, element("div", { class: "line" }, requests, of, left), bar);
  return {
    node,
    show() {
      const share = Math.min(1, Math.max(0, (now - issuedAt) / life));
      const text = `${duration(expiresAt - now)} left`;
      left.textContent = text;
      bar.style.setProperty("--share", String(share));
      bar.setAttribute("aria-valuenow", String(Math.round(share * 100)));
      bar.setAttribute("aria-valuetext", `${duration(now - issuedAt)} old, ${text}`);
      node.classList.toggle("late", share >= LATE);
      left.classList.toggle("warn", share >= LATE);
    },
  };
}
