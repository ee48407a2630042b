import { type ApiError, isPersonifyError } from "@personify-auth/core";
import { judgeApi } from "./check-api.ts";
import { type Finding, fault } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";

/** What the API made of an authenticated call: served it, refused a part of it, or answered nothing that tells. */
type Judged =
  | { readonly kind: "served" | "token" | "tenant" | "refused"; readonly status: number }
  | { readonly kind: "finding"; readonly finding: Finding };

export async function judgeCall({ call, apiUrl, isGuess }: Patient): Promise<Judged> {
  const outcome = await call();
  if ("value" in outcome) return { kind: "served", status: outcome.value.status };
  const { error } = outcome;
  // A path that is no path is for whoever gave it to mend.
  if (!isPersonifyError(error) || error.code === "target_refused") throw error;
  if (error.code !== "api_error" && error.code !== "response_invalid") {
    return { kind: "finding", finding: noAnswer(error, apiUrl) };
  }
  const { status, headers, data } = (error as ApiError).response;
  const body = typeof data === "string" ? data : JSON.stringify(data ?? "");
  const unfit = judgeApi({ status, headers, body });
  if (unfit !== undefined) return { kind: "finding", finding: unfit };
  if (error.code === "response_invalid") {
    return {
      kind: "finding",
      finding: fault(
        "api_not_json",
        `the API answers something else than JSON (HTTP ${status})`,
        "check PERSONIFY_API_BASE_URL",
      ),
    };
  }
  const lacksScope = /insufficient_scope/.test(headers.get("www-authenticate") ?? "");
  if (status === 401 || (status === 403 && lacksScope)) return { kind: "token", status };
  if ((status === 400 || status === 403) && /tenant/i.test(body)) return { kind: "tenant", status };
  if (status === 403) return { kind: "refused", status };
  if (status === 404 && !isGuess) {
    const mend = "check --path, and that PERSONIFY_API_BASE_URL does not hold a part of it twice";
    return { kind: "finding", finding: fault("api_not_found", "nothing is at the path (HTTP 404)", mend) };
  }
  return { kind: "served", status };
}
