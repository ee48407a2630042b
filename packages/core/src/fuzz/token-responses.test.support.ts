import { validateHeaderValue } from "node:http";
import fc from "fast-check";
import { TokenRequestError } from "../errors.ts";
import { basicCredentials, clientSecretPost } from "../token/client-auth.ts";
import { judgeTokenResponse, type TokenEndpoint, type TokenGrant } from "../token/token-endpoint.ts";
import type { Property } from "./property.test.support.ts";

/** Each holds this in every form but base64, whatever becomes of the rest. */
const mark = "s3cr";
const secrets = ["s3cret", "s3cr+t & wörd/%", 's3cr"\\', "S-s3cr=:", "s3crΣ", "İs3crİ", "日s3cr\u0000"];

export const endpoint: TokenEndpoint = {
  tokenUrl: new URL("https://auth.example/connect/token"),
  clientId: "client 1",
  clientAuth: clientSecretPost(),
  scope: "idp_api",
  parameters: [],
};

/** What no error may print: it is the answer's own. */
const upstream = "tell-tale";

interface TokenResponseInput {
  readonly secret: string;
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

/** Forms in which an answer repeats the request's secret. */
function echoesOf(secret: string): string[] {
  const inForm = new URLSearchParams({ s: secret }).toString().slice(2);
  const inBasic = basicCredentials({ clientId: endpoint.clientId, clientSecret: secret });
  const encoded = [inForm, encodeURIComponent(secret)];
  return [
    ...[secret, ...encoded],
    ...encoded.map((text) => text.replace(/%../g, (octet) => octet.toLowerCase())),
    ...[inBasic, inBasic.replace(/=+$/, "")],
  ];
}

/** A text that repeats the secret somewhere. */
function echo(secret: string): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(...echoesOf(secret)),
      fc.oneof(fc.string({ maxLength: 2 }), fc.string({ unit: "binary", maxLength: 4 })),
    )
    .map((parts) => parts.join(""));
}

/** Members that matter, with values that are right, nearly right, and absurd. */
function members(secret: string): fc.Arbitrary<object> {
  const anything = fc.anything({ withNullPrototype: false });
  const text = fc.oneof(fc.string({ unit: "binary" }), echo(secret), fc.constant(`${upstream} ${upstream}`));
  return fc.record(
    {
      access_token: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom("abc", "a.b.c=", "-._~+/0") },
        fc.constantFrom("", "=", "a b", "a\r\nb", "a\0", "tökén", "a=b", `${upstream},`),
        fc.string(),
        anything,
      ),
      token_type: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom("Bearer", "bearer", "BEARER", null) },
        fc.constantFrom("mac", "DPoP", "Bearer ", "ﬁ", ""),
        anything,
      ),
      expires_in: fc.oneof(
        fc.integer(),
        fc.double(),
        fc.constantFrom("3600", " 60 ", "1e3", "-1", "NaN", "0x10"),
        anything,
      ),
      scope: fc.oneof(fc.constantFrom("idp_api", "", "a b"), text, anything),
      refresh_token: fc.constant(upstream),
      error: fc.oneof(
        fc.constantFrom("invalid_client", "invalid_scope", "server_error", "temporarily_unavailable", ""),
        text,
        anything,
      ),
      error_description: fc.oneof(text, anything),
      error_uri: text,
    },
    { requiredKeys: [] },
  );
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    // A BigInt has no JSON.
    return "";
  }
}

/** Bodies, from a token to noise. */
export function tokenBodies(secret: string): fc.Arbitrary<string> {
  const json = members(secret).map(toJson);
  const bytes = fc.uint8Array({ maxLength: 64 }).map((octets) => new TextDecoder().decode(octets));
  return fc.oneof(
    { weight: 8, arbitrary: json },
    { weight: 2, arbitrary: fc.constant('{"access_token":"abc","token_type":"Bearer","expires_in":3600}') },
    fc.json(),
    fc.tuple(json, fc.nat(200)).map(([text, length]) => text.slice(0, length)),
    fc.tuple(json, bytes).map((parts) => parts.join("")),
    bytes,
    echo(secret).map((text) => `<html>${text}</html>`),
    fc.nat(500).map((depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`),
    fc.constant('{"__proto__":{"access_token":"abc"},"constructor":1}'),
    fc.constant('{"access_token":"abc","access_token":"a b"}'),
  );
}

/** Answers to a request with this secret. */
function responsesTo(secret: string): fc.Arbitrary<TokenResponseInput> {
  return fc.record({
    secret: fc.constant(secret),
    status: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(200, 201, 400, 401) },
      fc.integer({ min: 100, max: 599 }),
    ),
    retryAfter: fc.option(fc.oneof(fc.string(), fc.integer().map(String)), { nil: null }),
    body: tokenBodies(secret),
  });
}

export const tokenResponses: Property<TokenResponseInput> = {
  name: "token-responses",
  rule: "whatever a token endpoint answers is a token that fits in a header, or a TokenRequestError without a secret",
  inputs: fc.oneof(...secrets.map(responsesTo)),
  shares: {
    token_request_refused: 0.1,
    token_response_invalid: 0.1,
    token_endpoint_unavailable: 0.02,
    "a token": 0.02,
  },
  check({ secret, status, retryAfter, body }) {
    const headers = { get: (name: string) => (name === "retry-after" ? retryAfter : null) };
    let grant: TokenGrant;
    try {
      grant = judgeTokenResponse({ status, headers, body }, endpoint, secret);
    } catch (error) {
      if (!(error instanceof TokenRequestError)) throw error;
      checkError(error, secret, status);
      return error.code;
    }
    checkGrant(grant, secret, status, body);
    return "a token";
  },
};

function checkError(error: TokenRequestError, secret: string, status: number): void {
  const printed = [error.message, JSON.stringify(error), String(error)].join("\n");
  if (printed.includes(upstream)) throw new Error(`The answer shows: ${printed}`);
  if (!/^[\x20-\x7e§]+$/.test(error.message)) throw new Error(`It is not printable: ${error.message}`);
  checkSecrecy([printed, error.errorDescription], secret);
  if (error.cause !== undefined) throw new Error("It has a cause");
  const isUnavailable = error.code === "token_endpoint_unavailable";
  if (error.retryable !== isUnavailable) throw new Error(`It is retryable: ${error.retryable}`);
  if ((status === 429 || status >= 500) && !isUnavailable) throw new Error(`HTTP ${status} is ${error.code}`);
  const wait = error.retryAfter ?? 0;
  if (!(wait >= 0 && wait <= 30_000)) throw new Error(`It is to be retried after ${wait} ms`);
}

function checkGrant(
  { value, lifetime, scope }: TokenGrant,
  secret: string,
  status: number,
  body: string,
): void {
  if (status < 200 || status > 299) throw new Error(`HTTP ${status} brought a token`);
  const answer = JSON.parse(body);
  if (typeof answer.error === "string" || answer.access_token !== value)
    throw new Error("It granted no such token");
  if (String(answer.token_type ?? "Bearer").toLowerCase() !== "bearer") {
    throw new Error(`A token of type ${answer.token_type} was taken`);
  }
  validateHeaderValue("authorization", `Bearer ${value}`);
  if (!/^[\x21-\x7e]+$/.test(value) || value.includes(","))
    throw new Error(`${value} is more than one credential`);
  if (!(lifetime >= 0 && lifetime <= 86_400_000)) throw new Error(`It lives for ${lifetime} ms`);
  checkSecrecy([scope], secret);
}

/** Throws where a text holds the secret in any form that a server may repeat it in. */
function checkSecrecy(texts: readonly (string | undefined)[], secret: string): void {
  const inBasic = basicCredentials({ clientId: endpoint.clientId, clientSecret: secret });
  for (const text of texts) {
    if (text === undefined) continue;
    if (text.toLowerCase().includes(mark) || text.includes(inBasic.slice(0, 16))) {
      throw new Error(`The secret shows: ${text}`);
    }
  }
}
