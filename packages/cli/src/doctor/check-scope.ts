import { TokenRequestError } from "@personify-auth/core";
import { scopeOf } from "../settings.ts";
import { type Finding, fault, ok, skipped } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** Whether all scopes that were asked for were granted. */
export async function checkScope(patient: Patient): Promise<Finding> {
  const asked = scopeOf(patient.settings);
  const outcome = await patient.token();
  if ("error" in outcome) {
    const { error } = outcome;
    if (!(error instanceof TokenRequestError) || error.error !== "invalid_scope") return skipped("no token");
    const allowed = await allowedScopes(patient);
    return fault(
      "scope_not_allowed",
      `this client may not have the scope ${asked} (invalid_scope)`,
      allowed === undefined
        ? "set PERSONIFY_SCOPE to what was handed out, or ask Personify for the scope"
        : `set PERSONIFY_SCOPE to "${allowed}", which it may have, or ask Personify for the other`,
    );
  }
  const granted = outcome.value.scope;
  const missing = asked.split(" ").filter((scope) => scope !== "" && !granted?.split(" ").includes(scope));
  if (granted === undefined || missing.length === 0) return ok(granted ?? "not told");
  return fault(
    "scope_narrowed",
    `asked for ${asked}, granted ${granted || "none"}`,
    `ask Personify for the scope ${missing.join(" ")}, or leave it out of PERSONIFY_SCOPE`,
  );
}

/** What is granted where no scope is named. */
async function allowedScopes({ clientWith, signal }: Patient): Promise<string | undefined> {
  const token = clientWith({ scope: "" }).getAccessToken({ signal });
  return token.then(
    ({ scope }) => scope || undefined,
    () => undefined,
  );
}
