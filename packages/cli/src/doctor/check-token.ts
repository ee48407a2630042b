import { type Finding, fault, ok, skipped } from "./finding.ts";
import { acceptance, judgeCall } from "./judge-call.ts";
import type { Patient } from "./patient.ts";

/** Whether the API accepts the token. */
export async function checkToken(patient: Patient): Promise<Finding> {
  if ("error" in (await patient.token())) return skipped("no token");
  if (patient.options().tenantId === undefined) return skipped("nothing is sent without a tenant");
  const call = await judgeCall(patient);
  if (call.kind === "finding") return skipped("no answer that tells");
  if (call.kind !== "token") return ok(acceptance(call.status));
  if (call.status === 403) {
    return fault(
      "scope_insufficient",
      "the API wants a scope that the token does not have (HTTP 403, insufficient_scope)",
      "set PERSONIFY_SCOPE to idp_api, or what was handed out",
    );
  }
  return fault(
    "token_rejected",
    "the API refuses a token that was granted a moment ago, and a second one (HTTP 401)",
    "check that PERSONIFY_TOKEN_URL and PERSONIFY_API_BASE_URL are of one environment (stage or production)",
  );
}
