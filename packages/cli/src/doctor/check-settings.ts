import { createPersonifyClient, isPersonifyError } from "@personify-auth/core";
import { commandLineMessage } from "../command-line-message.ts";
import { requiredSettings } from "../settings.ts";
import { type Finding, fault, ok } from "./finding.ts";
import type { Patient } from "./patient.ts";

const optional = [
  "PERSONIFY_TENANT_ID",
  "PERSONIFY_TOKEN_URL",
  "PERSONIFY_SCOPE",
  "PERSONIFY_ALLOW_INSECURE_HTTP",
];
const quotes = /^["'`“”‘’]|["'`“”‘’]$/;
/** Control characters, and what looks like a space or like nothing: it comes with copying from a page. */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0]/u;

/** What a template, a shell or a page has in the place of a value. */
const placeholder = /^(<.*>|\$\{?\w+\}?|%\w+%|\{\{.*\}\})$/;

/** Whether all settings are there, and look as they were handed out. */
export async function checkSettings({ settings, options }: Patient): Promise<Finding> {
  const missing = requiredSettings.filter((name) => !settings[name]?.trim());
  if (missing.length > 0) {
    const unknown = Object.keys(settings).filter(
      (name) => ![...requiredSettings, ...optional].includes(name),
    );
    const inVain = unknown.length === 0 ? "" : `; set, but unknown: ${unknown.join(", ")}`;
    return fault(
      "settings_missing",
      `not set: ${missing.join(", ")}${inVain}`,
      "set each as it was handed out, in the environment or in a file for --env-file",
    );
  }
  const given = [...requiredSettings, ...optional].filter((name) => settings[name] !== undefined);
  for (const name of given) {
    const finding = judgeText(name, settings[name] as string);
    if (finding !== undefined) return finding;
  }
  try {
    createPersonifyClient(options());
  } catch (error) {
    if (!isPersonifyError(error)) throw error;
    return fault("settings_malformed", commandLineMessage(error.message), "mend the setting that is named");
  }
  return ok(given.map((name) => name.replace("PERSONIFY_", "")).join(", "));
}

function judgeText(name: string, value: string): Finding | undefined {
  if (value !== value.trim()) {
    return fault("settings_spaces", `${name} begins or ends with a space or line break`, "take it away");
  }
  if (quotes.test(value)) {
    return fault("settings_quotes", `${name} has quotes around it, as a part of its value`, "take them away");
  }
  if (placeholder.test(value)) {
    return fault("settings_placeholder", `${name} holds a placeholder`, "put the value itself in its place");
  }
  if (invisible.test(value)) {
    return fault("settings_invisible", `${name} holds a character that does not show`, "type it anew");
  }
  return undefined;
}
