import { STATUS_CODES } from "node:http";
import type { EmulatorContext } from "./request-context.ts";

/** A problem document (RFC 9457) for the API; `code` also goes into the request log. */
export function problem(
  c: EmulatorContext,
  status: number,
  code: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  c.env.entry.error = code;
  const body = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, code };
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
