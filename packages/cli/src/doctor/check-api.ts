import { type BareAnswer, isHtml } from "./bare-request.ts";
import { type Finding, fault, ok } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";

/** Whether an API answers at the base URL. It is asked without a token. */
export async function checkApi({ askApi, apiUrl }: Patient): Promise<Finding> {
  const outcome = await askApi();
  if ("error" in outcome) return noAnswer(outcome.error, apiUrl);
  return (
    judgeApi(outcome.value) ?? ok(`${apiUrl.origin} answers (HTTP ${outcome.value.status} without a token)`)
  );
}

/** What is wrong with an answer, whoever asked. */
export function judgeApi(answer: Pick<BareAnswer, "status" | "headers" | "body">): Finding | undefined {
  const { status } = answer;
  const mend = "check PERSONIFY_API_BASE_URL: it is the API's, not that of a web page or a login";
  if (status === 429 || status >= 500) {
    return fault(
      "api_unavailable",
      `the API is throttled or failing (HTTP ${status})`,
      "try again later; if it stays, ask Personify",
    );
  }
  if (status >= 300 && status < 400) {
    return fault("api_redirect", `the API redirects (HTTP ${status}), such as to a login page`, mend);
  }
  if (isHtml(answer)) {
    return fault("api_html", `an HTML page is where the API should be (HTTP ${status})`, mend);
  }
  return undefined;
}
