import type { PathValues } from "./target.ts";

/**
 * The path of a call with its `{name}` parts as they are, for logs and traces: no values, no query, no host. Undefined
 * where no values were passed, since such a path may hold ids.
 */
export function pathTemplate(path: string | URL, values: PathValues | undefined): string | undefined {
  if (typeof path !== "string" || values === undefined) return undefined;
  const [template = ""] = path.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, "").split(/[?#]/, 1);
  return template.startsWith("/") ? template : `/${template}`;
}
