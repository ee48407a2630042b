import { invalid } from "../check.ts";
import { isHeaderName } from "./call-headers.ts";

/** WHATWG fetch, "forbidden method": these make a tunnel, or an echo of the token. */
const forbidden: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** A method in upper case. */
export function readMethod(method: string): string {
  if (typeof method !== "string" || !isHeaderName(method) || forbidden.has(method.toUpperCase())) {
    throw invalid("method", "an HTTP method such as GET, other than CONNECT, TRACE and TRACK", method);
  }
  return method.toUpperCase();
}
