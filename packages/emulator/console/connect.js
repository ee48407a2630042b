/** @typedef {import("../src/console-page.ts").ConsoleSetup} ConsoleSetup */
import { byId } from "./element.js";
import { say } from "./notices.js";

const MASK = "••••••••";
/** Where a snippet holds the secret. */
const SECRET = "\0";

const NAMES = { settings: "The settings", "curl-token": "The curl line", "curl-api": "The curl lines" };

/** @type {Record<string, string>} */
let snippets = {};
let secret = "";
let isSecretShown = false;

export function startConnect() {
  const toggle = byId("show-secret");
  toggle.addEventListener("click", () => {
    isSecretShown = !isSecretShown;
    toggle.setAttribute("aria-pressed", String(isSecretShown));
    showSnippets();
  });
  /** @type {NodeListOf<HTMLElement>} */
  const buttons = document.querySelectorAll("[data-copy]");
  for (const button of buttons) {
    const name = /** @type {keyof typeof NAMES} */ (button.dataset["copy"]);
    button.addEventListener("click", () => copy(name));
  }
}

/** @param {ConsoleSetup} setup */
export function showConnect({ variables, tenants }) {
  const {
    PERSONIFY_CLIENT_ID: clientId,
    PERSONIFY_CLIENT_SECRET: clientSecret = "",
    PERSONIFY_TENANT_ID: tenantId,
    PERSONIFY_SCOPE: scope,
    PERSONIFY_API_BASE_URL: apiBaseUrl,
    PERSONIFY_TOKEN_URL: tokenUrl,
  } = variables;
  secret = clientSecret;
  const event = tenants.find(({ id }) => id === tenantId)?.events[0]?.id;
  const token = [
    `curl -sS '${tokenUrl}'`,
    "-d grant_type=client_credentials",
    `-d client_id='${clientId}'`,
    `-d client_secret='${SECRET}'`,
    `-d scope='${scope}'`,
  ].join(" \\\n  ");
  const call = [
    `curl -sS '${apiBaseUrl}/api/v1/exhibitor/event/${event}?ItemsPerPage=2'`,
    '-H "Authorization: Bearer $TOKEN"',
    `-H 'X-Tenant-Id: ${tenantId}'`,
  ].join(" \\\n  ");
  snippets = {
    settings: Object.entries({ ...variables, PERSONIFY_CLIENT_SECRET: SECRET })
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    "curl-token": `${token}\n`,
    "curl-api": `TOKEN=$(${token} \\\n  | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')\n${call}\n`,
  };
  showSnippets();
}

function showSnippets() {
  for (const [name, text] of Object.entries(snippets)) {
    byId(name).textContent = text.replaceAll(SECRET, isSecretShown ? secret : MASK);
  }
}

/** @param {keyof typeof NAMES} name */
async function copy(name) {
  try {
    await navigator.clipboard.writeText((snippets[name] ?? "").replaceAll(SECRET, secret));
    say(`${NAMES[name]} ${name === "curl-token" ? "is" : "are"} in the clipboard, secret included.`);
  } catch {
    say("The browser allows no copying here; show the secret, and select the text.", "failed");
  }
}
