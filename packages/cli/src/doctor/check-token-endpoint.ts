import { type BareAnswer, isHtml } from "./bare-request.ts";
import { type Finding, fault, ok } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";

/** Whether something that speaks OAuth answers at the token URL. It is asked without credentials. */
export async function checkTokenEndpoint({ askTokenEndpoint, tokenUrl }: Patient): Promise<Finding> {
  const outcome = await askTokenEndpoint();
  if ("error" in outcome) return noAnswer(outcome.error, tokenUrl);
  return judge(outcome.value) ?? ok(`${tokenUrl.origin} ${speech(outcome.value)}`);
}

function judge(answer: BareAnswer): Finding | undefined {
  const { status } = answer;
  const mend = "check PERSONIFY_TOKEN_URL: it ends in /connect/token, and no login page stands before it";
  if (status === 429 || status >= 500) {
    return fault(
      "token_endpoint_unavailable",
      `the token endpoint is throttled or failing (HTTP ${status})`,
      "try again later; if it stays, ask Personify, or whoever runs the endpoint",
    );
  }
  if (status >= 300 && status < 400) {
    return fault(
      "token_endpoint_redirect",
      `the token URL redirects (HTTP ${status}), which is never followed with credentials`,
      mend,
    );
  }
  if (isHtml(answer))
    return fault("token_endpoint_html", `an HTML page is at the token URL (HTTP ${status})`, mend);
  if (status === 404)
    return fault("token_endpoint_not_found", "nothing is at the token URL (HTTP 404)", mend);
  if (parseObject(answer.body) === undefined) {
    return fault(
      "token_endpoint_not_oauth",
      `what answers at the token URL speaks no JSON (HTTP ${status})`,
      mend,
    );
  }
  return undefined;
}

/** A request without credentials is an error to OAuth (RFC 6749 §5.2), which not all endpoints call by its name. */
function speech({ status, body }: BareAnswer): string {
  const speaksOAuth = typeof parseObject(body)?.error === "string";
  return speaksOAuth ? "speaks OAuth" : `answers JSON, without an error of OAuth's (HTTP ${status})`;
}

function parseObject(text: string): { readonly error?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
