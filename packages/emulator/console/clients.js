/**
 * @typedef {import("../src/console-page.ts").ConsoleSetup} ConsoleSetup
 * @typedef {import("../src/console-page.ts").ConsoleUpdate} ConsoleUpdate
 */
import { duration } from "./duration.js";
import { byId, element, fill } from "./element.js";
import { revoke } from "./tokens.js";

/**
 * @param {ConsoleUpdate["clients"]} clients
 * @param {(work: () => Promise<string>) => Promise<void>} act
 */
export function showClients(clients, act) {
  fill(byId("clients"), clients, () =>
    clients.map(({ clientId, scopes, tokenLifetime, tokenFormat, grantTypes, tenants }) => {
      const label = `Revoke tokens of ${clientId}`;
      const revoking = element(
        "button",
        { type: "button", class: "end", "aria-label": label },
        "Revoke tokens",
      );
      revoking.addEventListener("click", () => act(() => revoke({ clientId })));
      const mayAsk = grantTypes.includes("client_credentials");
      const facts = [
        scopes.join(" "),
        mayAsk
          ? `${tokenFormat} for ${duration(tokenLifetime * 1000)}`
          : `${grantTypes.join(" ")} alone: gets no token`,
        tenants === "all" ? "all tenants" : tenants.join(", "),
      ];
      const about = element("p", { class: "quiet" }, facts.join(" · "));
      return element(
        "li",
        { class: "line" },
        element("div", { class: "grow" }, element("h3", {}, clientId), about),
        revoking,
      );
    }),
  );
}

/** @param {ConsoleSetup} setup */
export function showTenants({ tenants }) {
  fill(byId("tenants"), tenants, () =>
    tenants.map(({ id, name, events }) => {
      const shows = events.map((event) =>
        element("li", { class: "quiet" }, event.name, element("code", {}, event.id)),
      );
      return element(
        "li",
        {},
        element("h3", {}, name),
        element("code", { class: "quiet" }, id),
        element(
          "details",
          {},
          element("summary", { class: "quiet" }, `${events.length} events`),
          element("ul", {}, ...shows),
        ),
      );
    }),
  );
}
