import { isPersonifyError, type TokenRequestError } from "@personify-auth/core";
import { commandLineMessage } from "../command-line-message.ts";
import { type Finding, fault, ok } from "./finding.ts";
import { noAnswer } from "./no-answer.ts";
import type { Patient } from "./patient.ts";
import { refusedClient } from "./refused-client.ts";

/** Whether the token endpoint accepts id and secret, and grants a token for them. */
export async function checkCredentials(patient: Patient): Promise<Finding> {
  const outcome = await patient.token();
  if ("value" in outcome) return ok("accepted");
  const { error } = outcome;
  if (!isPersonifyError(error)) throw error;
  const cause = commandLineMessage(error.message);
  switch (error.code) {
    case "token_request_refused":
      return withDescription(
        await judgeRefusal(error as TokenRequestError, cause, patient),
        error as TokenRequestError,
      );
    case "token_response_invalid":
      return fault("token_answer_invalid", cause, "check PERSONIFY_TOKEN_URL; a proxy may change answers");
    case "token_endpoint_unavailable":
      return fault("token_endpoint_unavailable", cause, "try again later");
    default:
      return noAnswer(error, patient.tokenUrl);
  }
}

function withDescription(found: Finding, { errorDescription }: TokenRequestError): Finding {
  if (found.status !== "fault" || !errorDescription) return found;
  return { ...found, cause: `${found.cause}; the endpoint says: ${errorDescription}` };
}

async function judgeRefusal(error: TokenRequestError, cause: string, patient: Patient): Promise<Finding> {
  switch (error.error) {
    case "invalid_client":
      return refusedClient(error, patient);
    // The client is authenticated before its scope is looked at.
    case "invalid_scope":
      return ok("accepted; the scope is not");
    case "unauthorized_client":
    case "unsupported_grant_type":
      return fault(
        "grant_not_allowed",
        `this client may not use the client credentials grant (${error.error})`,
        "ask Personify to allow it, or for a client for server-to-server use: one for user logins gives no access to the API",
      );
    default:
      return fault("token_request_refused", cause, "ask Personify what the endpoint expects");
  }
}
