import { type Finding, fault, ok, skipped } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** More than that, and a server that looks at times in a token may refuse it. Date has whole seconds. */
const tolerated = 60_000;

/** Whether this machine and the token endpoint have the same time. */
export async function checkClock({ askTokenEndpoint }: Patient): Promise<Finding> {
  const outcome = await askTokenEndpoint();
  if ("error" in outcome) return skipped("no answer to take the server's time from");
  const { headers, sentAt, answeredAt } = outcome.value;
  const theirs = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(theirs)) return skipped("the token endpoint does not tell its time");
  const ahead = Math.round(((sentAt + answeredAt) / 2 - theirs) / 1_000) * 1_000;
  if (Math.abs(ahead) <= tolerated) return ok(`within ${tolerated / 1_000} s of the token endpoint's`);
  return fault(
    "clock_skew",
    `this machine's clock is ${Math.abs(ahead) / 1_000} s ${ahead > 0 ? "ahead of" : "behind"} the token endpoint's`,
    "set the clock by NTP (timedatectl set-ntp true, w32tm /resync); restart a virtual machine that was suspended",
  );
}
