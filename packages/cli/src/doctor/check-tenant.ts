import { type Finding, fault, ok, skipped } from "./finding.ts";
import { acceptance, judgeCall } from "./judge-call.ts";
import type { Patient } from "./patient.ts";

/** Whether the API serves this tenant to this client. */
export async function checkTenant(patient: Patient): Promise<Finding> {
  const { tenantId } = patient.options();
  if (tenantId === undefined) {
    return fault(
      "tenant_missing",
      "no tenant is set, and each call needs one",
      "set PERSONIFY_TENANT_ID or pass --tenant; --no-tenant is for APIs without tenants",
    );
  }
  if ("error" in (await patient.token())) return skipped("no token");
  const call = await judgeCall(patient);
  if (call.kind === "finding") return call.finding;
  if (call.kind === "token") return skipped(`the API refuses the token first (HTTP ${call.status})`);
  if (call.kind === "tenant") {
    return fault(
      "tenant_refused",
      `the API refuses the tenant (HTTP ${call.status})`,
      "check PERSONIFY_TENANT_ID, and ask Personify whether this client may call that tenant",
    );
  }
  if (call.kind === "refused") {
    return fault(
      "call_refused",
      `the API refuses the call (HTTP ${call.status}) without saying whether for tenant or grant`,
      "ask Personify whether this client may call the tenant, and this service domain in it",
    );
  }
  return ok(tenantId === false ? "none is sent" : acceptance(call.status));
}
