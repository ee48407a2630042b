import { type ApiError, isPersonifyError } from "@personify-auth/core";
import { judgeApi } from "./check-api.ts";
import { type Finding, fault } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";

/** What the API made of an authenticated call: served it, refused a part of it, or answered nothing that tells. */
type Judged =
  | { readonly kind: "served" | "token" | "tenant" | "refused"; readonly status: number }
  | { readonly kind: "finding"; readonly finding: Finding };

export async function judgeCall({ call, askApi, apiUrl, isGuess }: Patient): Promise<Judged> {
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
  if (status === 403 && lacksScope) return { kind: "token", status };
  if (blamesTenant(status, body)) return { kind: "tenant", status };
  if (status === 401) return { kind: "token", status };
  if (status === 403) return { kind: "refused", status };
  if (status === 404) {
    const unguarded = await askApi();
    if (!isGuess) return notFound("nothing is at the path (HTTP 404)", "check --path, and that");
    if ("value" in unguarded && unguarded.value.status === 404) {
      return notFound(
        "the API answers HTTP 404 to a call with a token and one without: it may be elsewhere",
        "name a path that is there with --path, or check that",
      );
    }
  }
  return { kind: "served", status };
}

/** How an API that served a call took what it was called with. A 400 may be for the guess, and tells less than a 404. */
export function acceptance(status: number): string {
  return `${status < 400 || status === 404 ? "accepted" : "not refused"} (HTTP ${status})`;
}

function blamesTenant(status: number, body: string): boolean {
  if (!/tenant/i.test(body)) return false;
  // An event that the tenant does not have is no fault of the tenant.
  return status === 400 || status === 401 || status === 403 || (status === 404 && !/event/i.test(body));
}

function notFound(cause: string, mend: string): Judged {
  const whole = `${mend} PERSONIFY_API_BASE_URL does not hold too much or too little of the path`;
  return { kind: "finding", finding: fault("api_not_found", cause, whole) };
}
