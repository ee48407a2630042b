import { checkObject, invalid } from "../check.ts";

/** Query parameters. An array repeats its name; null and undefined are left out. */
export type Query = URLSearchParams | Readonly<Record<string, QueryValue | readonly QueryValue[]>>;
type QueryValue = string | number | boolean | null | undefined;

/** Query parameters as pairs of strings, always a copy. */
export function toSearchParams(query: Query | undefined): URLSearchParams {
  if (query === undefined || query instanceof URLSearchParams) return new URLSearchParams(query);
  checkObject("query", query);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue;
      if (!["string", "number", "boolean"].includes(typeof item)) {
        throw invalid(`query.${name}`, "a string, number, boolean or an array of them", item);
      }
      parameters.append(name, String(item));
    }
  }
  return parameters;
}
