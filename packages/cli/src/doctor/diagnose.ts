import { checkApi } from "./check-api.ts";
import { checkClock } from "./check-clock.ts";
import { checkCredentials } from "./check-credentials.ts";
import { checkDns } from "./check-dns.ts";
import { checkProxy } from "./check-proxy.ts";
import { checkScope } from "./check-scope.ts";
import { checkSettings } from "./check-settings.ts";
import { checkTenant } from "./check-tenant.ts";
import { checkTls } from "./check-tls.ts";
import { checkToken } from "./check-token.ts";
import { checkTokenEndpoint } from "./check-token-endpoint.ts";
import { type Finding, skipped } from "./finding.ts";
import { type Examination, examine, type Patient } from "./patient.ts";

/** In order. One whose needs are not met is skipped; what fails for itself keeps no other from its finding. */
const checks = [
  { name: "settings", needs: [], run: checkSettings },
  { name: "dns", needs: ["settings"], run: checkDns },
  // Before TLS, which goes through it.
  { name: "proxy", needs: ["dns"], run: checkProxy },
  { name: "tls", needs: ["proxy"], run: checkTls },
  { name: "clock", needs: ["tls"], run: checkClock },
  { name: "token endpoint", needs: ["tls"], run: checkTokenEndpoint },
  { name: "credentials", needs: ["token endpoint"], run: checkCredentials },
  { name: "scope", needs: ["credentials"], run: checkScope },
  { name: "api", needs: ["tls"], run: checkApi },
  { name: "tenant", needs: ["credentials", "api"], run: checkTenant },
  { name: "token", needs: ["credentials", "api"], run: checkToken },
] as const satisfies { name: string; needs: string[]; run: (patient: Patient) => Promise<Finding> }[];

export type Diagnosis = Finding & { readonly check: string };

/** What each check found, as it is found. */
export async function* diagnose(examination: Examination): AsyncGenerator<Diagnosis, void> {
  const patient = examine(examination);
  /** Check → the one whose fault is in its way, its own or that of one that it needs. */
  const blocked = new Map<string, string>();
  for (const { name, needs, run } of checks) {
    const blocker = needs.map((need) => blocked.get(need)).find((found) => found !== undefined);
    const finding = blocker === undefined ? await run(patient) : skipped(`${blocker} has a fault`);
    examination.signal.throwIfAborted();
    if (blocker !== undefined || finding.status === "fault") blocked.set(name, blocker ?? name);
    yield { check: name, ...finding };
  }
}
