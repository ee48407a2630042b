import { randomUUID } from "node:crypto";
import { clientSecretBasic, TokenRequestError } from "@personify-auth/core";
import { type Finding, fault } from "./finding.ts";
import type { Patient } from "./patient.ts";

/** What IdentityServer reads as absent where it is longer. */
const longest = 100;

/** Tells the causes of `invalid_client` apart, as far as settings and further answers allow. */
export async function refusedClient(error: TokenRequestError, patient: Patient): Promise<Finding> {
  const id = patient.settings["PERSONIFY_CLIENT_ID"] as string;
  const secret = patient.settings["PERSONIFY_CLIENT_SECRET"] as string;
  if (await worksInHeader(patient)) {
    return fault(
      "client_auth_method",
      "id and secret are right, but the endpoint takes them in the Authorization header alone",
      "pass clientAuth: clientSecretBasic() to the client",
    );
  }
  if (id.length > longest || secret.length > longest) {
    return fault(
      "credentials_too_long",
      `the ${id.length > longest ? "id" : "secret"} has over ${longest} characters, which the endpoint may read as absent (invalid_client)`,
      "check that nothing was pasted twice or behind it",
    );
  }
  if (looksRandom(id) && !looksRandom(secret)) {
    return fault(
      "credentials_swapped",
      "the id looks like a secret, and the secret like an id (invalid_client)",
      "swap PERSONIFY_CLIENT_ID and PERSONIFY_CLIENT_SECRET",
    );
  }
  if (await isToldApart(error, patient)) {
    return fault(
      "secret_wrong",
      "the secret is wrong or was rotated: an unknown id gets another answer (invalid_client)",
      "take PERSONIFY_CLIENT_SECRET anew from where it is kept",
    );
  }
  return fault(
    "credentials_refused",
    "the id is unknown, or the secret is wrong or was rotated: the endpoint does not tell which (invalid_client)",
    "compare both with what was handed out, for the same environment (stage or production)",
  );
}

/** Long, and no words in it: hex, base64 and their like. A UUID is the one form that ids have too. */
function looksRandom(text: string): boolean {
  const isUuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
  return text.length >= 16 && !isUuid && /\d/.test(text) && /[a-z]/i.test(text) && !/[a-z]{7}/.test(text);
}

async function worksInHeader({ clientWith, signal }: Patient): Promise<boolean> {
  const client = clientWith({ clientAuth: clientSecretBasic() });
  return client.getAccessToken({ signal }).then(
    () => true,
    () => false,
  );
}

/** Whether clients that do not exist get another answer than ours, and all of them the same: it may hold an id or a time. */
async function isToldApart(ours: TokenRequestError, { clientWith, signal }: Patient): Promise<boolean> {
  const ask = () =>
    clientWith({ clientId: randomUUID(), clientSecret: randomUUID() })
      .getAccessToken({ signal })
      .then(() => undefined, refusalOf);
  const [one, other] = [await ask(), await ask()];
  return one !== undefined && one === other && one !== refusalOf(ours);
}

function refusalOf(error: unknown): string | undefined {
  if (!(error instanceof TokenRequestError) || error.code !== "token_request_refused") return undefined;
  return `${error.message} ${error.errorDescription}`;
}
