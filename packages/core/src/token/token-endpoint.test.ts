import { inspect } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../client.test.support.ts";
import { NetworkError, TimeoutError, TokenRequestError } from "../errors.ts";
import { basicCredentials, clientSecretBasic, clientSecretPost } from "./client-auth.ts";
import {
  buildTokenRequest,
  judgeTokenResponse,
  sendTokenRequest,
  type TokenEndpoint,
  type TokenGrant,
  type TokenRequest,
  type TokenResponse,
} from "./token-endpoint.ts";
import { epoch, response, stopClocks } from "./token-source.test.support.ts";

const secret = "s3cr+t & wörd/%";
const { signal } = new AbortController();

const endpoint: TokenEndpoint = {
  tokenUrl: new URL("https://auth.example/connect/token"),
  clientId: "client 1",
  clientAuth: clientSecretPost(),
  scope: "idp_api",
  parameters: [],
};

function judge(answer: TokenResponse, changes: Partial<TokenEndpoint> = {}): TokenGrant {
  return judgeTokenResponse(answer, { ...endpoint, ...changes }, secret);
}

function refusal(answer: TokenResponse): TokenRequestError {
  try {
    judge(answer);
  } catch (error) {
    if (error instanceof TokenRequestError) return error;
    throw error;
  }
  throw new Error("The answer was taken for a token");
}

const good = { access_token: "abc.DEF-123_~+/==", token_type: "Bearer", expires_in: 3_600 };

describe("building", () => {
  test("the form and the headers are exactly those of RFC 6749 §4.4.2", async () => {
    const request = await buildTokenRequest(endpoint, secret, signal);
    expect(request).toEqual({
      method: "POST",
      url: endpoint.tokenUrl,
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
      body: "grant_type=client_credentials&scope=idp_api&client_id=client+1&client_secret=s3cr%2Bt+%26+w%C3%B6rd%2F%25",
      signal,
      maxBytes: 1_048_576,
    });
    expect(request.signal).toBe(signal);
  });

  test("without a scope, none is sent", async () => {
    const { body } = await buildTokenRequest({ ...endpoint, scope: undefined }, secret, signal);
    expect(new URLSearchParams(body).has("scope")).toBe(false);
  });

  test("parameters are sent in their order, and may repeat", async () => {
    const parameters = [
      ["audience", "a&b"],
      ["resource", "https://one.example/"],
      ["resource", "https://two.example/?x=1"],
    ] as const;
    const { body } = await buildTokenRequest({ ...endpoint, parameters }, secret, signal);
    expect([...new URLSearchParams(body)]).toEqual([
      ["grant_type", "client_credentials"],
      ["scope", "idp_api"],
      ...parameters,
      ["client_id", "client 1"],
      ["client_secret", secret],
    ]);
  });

  test("client_secret_basic leaves id and secret out of the form", async () => {
    const request = await buildTokenRequest({ ...endpoint, clientAuth: clientSecretBasic() }, secret, signal);
    expect(request.body).toBe("grant_type=client_credentials&scope=idp_api");
    expect(request.headers["authorization"]).toMatch(/^Basic [A-Za-z0-9+/]+=*$/);
  });

  test("an authentication method may take its time", async () => {
    const { body, headers } = await buildTokenRequest(
      {
        ...endpoint,
        async clientAuth({ clientId }, form, head) {
          await new Promise((resolve) => setImmediate(resolve));
          form.set("client_assertion", `for ${clientId}`);
          head.set("x-proof", "1");
        },
      },
      secret,
      signal,
    );
    expect(new URLSearchParams(body).get("client_assertion")).toBe("for client 1");
    expect(headers["x-proof"]).toBe("1");
  });

  test.each<[string, TokenEndpoint["clientAuth"]]>([
    [
      "a header and client_secret",
      (credentials, body, headers) => {
        clientSecretPost()(credentials, body, headers);
        clientSecretBasic()(credentials, body, headers);
      },
    ],
    [
      "a header and client_assertion",
      (credentials, body, headers) => {
        body.set("client_assertion", "signed");
        clientSecretBasic()(credentials, body, headers);
      },
    ],
    [
      "client_secret and client_assertion",
      (credentials, body, headers) => {
        body.set("client_assertion", "signed");
        clientSecretPost()(credentials, body, headers);
      },
    ],
  ])("two authentication methods at once are refused: %s", async (_name, clientAuth) => {
    const building = buildTokenRequest({ ...endpoint, clientAuth }, secret, signal);
    await expect(building).rejects.toMatchObject({ name: "ConfigurationError", code: "invalid_option" });
    await expect(building).rejects.not.toThrow(secret);
  });
});

describe("sending", () => {
  async function request(): Promise<TokenRequest> {
    return buildTokenRequest(endpoint, secret, signal);
  }

  test("the answer is passed on as it is", async () => {
    const answer = response(200, good);
    const sent: TokenRequest[] = [];
    const wanted = await request();
    const send = async (arrived: TokenRequest) => {
      sent.push(arrived);
      return answer;
    };
    expect(await sendTokenRequest(send, wanted)).toBe(answer);
    expect(sent).toEqual([wanted]);
  });

  test.each([true, false])("a connection error becomes the token's own, retryable: %s", async (retryable) => {
    const failure = new NetworkError("No answer (ECONNRESET)", { code: "network_error", retryable });
    const sending = sendTokenRequest(() => Promise.reject(failure), await request());
    await expect(sending).rejects.toMatchObject({
      name: "NetworkError",
      code: "token_network_error",
      message: "The token request failed: No answer (ECONNRESET)",
      retryable,
      status: 502,
    });
  });

  test("an answer over the limit keeps its code", async () => {
    const failure = new NetworkError("Larger than 1 MiB", { code: "response_too_large", retryable: false });
    const sending = sendTokenRequest(() => Promise.reject(failure), await request());
    await expect(sending).rejects.toMatchObject({ code: "response_too_large", retryable: false });
  });

  test("a timeout passes through", async () => {
    const failure = new TimeoutError("late", "token_timeout");
    await expect(sendTokenRequest(() => Promise.reject(failure), await request())).rejects.toBe(failure);
  });
});

describe("judging a grant", () => {
  test("a complete one is taken as it is", () => {
    expect(judge(response(200, { ...good, scope: "idp_api" }))).toEqual({
      value: "abc.DEF-123_~+/==",
      lifetime: 3_600_000,
      scope: "idp_api",
      narrowed: false,
    });
  });

  test.each<[json: string, lifetime: number]>([
    ["3600", 3_600_000],
    ["1.5", 1_500],
    ["0.0001", 0.1],
    ['"3600"', 3_600_000],
    ['"90.5"', 90_500],
    ['" 60 "', 60_000],
    ["1e9", 86_400_000],
    ["86400", 86_400_000],
    ["86401", 86_400_000],
    ['"999999999999"', 86_400_000],
    ["0", 0],
    ["-0", 0],
    ['"0"', 0],
    ["-1", 0],
    ['"-60"', 0],
    ["-1e300", 0],
    ["1e400", 300_000],
    ["-1e400", 300_000],
    [`"${"9".repeat(400)}"`, 300_000],
    ["null", 300_000],
    ["true", 300_000],
    ["false", 300_000],
    ['"abc"', 300_000],
    ['""', 300_000],
    ['" "', 300_000],
    ['"NaN"', 300_000],
    ['"Infinity"', 300_000],
    ['"1e3"', 300_000],
    ['"0x10"', 300_000],
    ['"60s"', 300_000],
    ["[60]", 300_000],
    ["{}", 300_000],
  ])("expires_in %s is a life of %d ms", (json, lifetime) => {
    const body = `{"access_token":"abc","token_type":"Bearer","expires_in":${json}}`;
    expect(judge(response(200, body)).lifetime + 0).toBe(lifetime);
  });

  test("without expires_in a life is five minutes", () => {
    expect(judge(response(200, { access_token: "abc", token_type: "Bearer" })).lifetime).toBe(300_000);
  });

  test.each(["Bearer", "bearer", "BEARER", "bEaReR", null, undefined])(
    "token_type %j is a bearer token",
    (token_type) => {
      expect(judge(response(200, { ...good, token_type })).value).toBe(good.access_token);
    },
  );

  test.each(["mac", "DPoP", "", "Bearer ", "N_A", 1, true, {}, ["Bearer"]])(
    "token_type %j is refused",
    (token_type) => {
      expect(refusal(response(200, { ...good, token_type }))).toMatchObject({
        code: "token_response_invalid",
        retryable: false,
        status: 502,
      });
    },
  );

  test.each([
    "a\rb",
    "a\nb",
    "abc\r\nX-Evil: 1",
    "abc\n",
    "a b",
    " abc",
    "a,b",
    'a"b',
    "a;b",
    "a=b",
    "tökén",
    "a\u0000",
    "=",
    "",
    null,
    undefined,
    42,
    true,
    ["abc"],
    { value: "abc" },
  ])("an access_token that fits in no header is refused, and not shown (case %#)", (access_token) => {
    const error = refusal(response(200, { ...good, access_token }));
    expect(error.code).toBe("token_response_invalid");
    if (typeof access_token === "string" && access_token.length > 1) {
      expect(inspect(error, { showHidden: true })).not.toContain(access_token);
    }
  });

  test.each(["a", "abc", "a.b.c", "-._~+/", "abc=", "abc==", "0"])(
    "access_token %j is good",
    (access_token) => {
      expect(judge(response(200, { ...good, access_token })).value).toBe(access_token);
    },
  );

  test("a token is never decoded: one that looks like a broken JWT is as good as any", () => {
    expect(judge(response(200, { ...good, access_token: "eyJ.not-json.at-all" })).value).toBe(
      "eyJ.not-json.at-all",
    );
  });

  test("a scope that repeats the token is not shown: the one that was asked for is", () => {
    const access_token = "access-token-1";
    const grant = judge(response(200, { ...good, access_token, scope: `idp_api ${access_token}` }));
    expect(grant.scope).toBe("idp_api");
  });

  test.each<[granted: unknown, asked: string | undefined, scope: string | undefined, narrowed: boolean]>([
    ["a b", "a b", "a b", false],
    ["b a", "a b", "b a", false],
    ["a b c", "a b", "a b c", false],
    ["a", "a b", "a", true],
    ["", "a b", "", true],
    ["aa b", "a b", "aa b", true],
    [undefined, "a b", "a b", false],
    [null, "a b", "a b", false],
    [["a"], "a b", "a b", false],
    ["a", undefined, "a", false],
    [undefined, undefined, undefined, false],
    ["a \u0007", "a b", "a b", false],
    [`a ${secret}`, "a b", "a b", false],
  ])("scope granted of what was asked for (case %#)", (granted, asked, scope, narrowed) => {
    expect(judge(response(200, { ...good, scope: granted }), { scope: asked })).toMatchObject({
      scope,
      narrowed,
    });
  });

  test("members that are not known, and a wrong content type, do not matter", () => {
    const answer = response(
      200,
      { ...good, id_token: null, error: null, x: {} },
      { "content-type": "text/html" },
    );
    expect(judge(answer).value).toBe(good.access_token);
  });

  test.each([201, 203, 299])("a token with status %d is good", (status) => {
    expect(judge(response(status, good)).value).toBe(good.access_token);
  });
});

describe("judging a failure", () => {
  beforeEach(stopClocks);

  test.each<[name: string, answer: TokenResponse]>([
    ["HTML", response(200, "<!doctype html><p>Sign in</p>", { "content-type": "text/html" })],
    ["truncated JSON", response(200, '{"access_token":"abc","token_ty')],
    ["an empty body", response(200, "")],
    ["204", response(204, "")],
    ["an array", response(200, [good])],
    ["null", response(200, "null")],
    ["a string", response(200, '"abc"')],
    ["a number", response(200, "42")],
    ["an empty object", response(200, {})],
    ["301", response(301, "", { location: "https://elsewhere.example" })],
    ["302 with a token", response(302, good, { location: "https://elsewhere.example" })],
    ["307", response(307, "", { location: "https://elsewhere.example" })],
    ["304", response(304, "")],
    ["404", response(404, "Not found")],
    ["404 with a token", response(404, good)],
    ["405", response(405, "")],
  ])("%s is no token and no refusal", (_name, answer) => {
    expect(refusal(answer)).toMatchObject({
      name: "TokenRequestError",
      code: "token_response_invalid",
      retryable: false,
      status: 502,
      error: undefined,
    });
  });

  test.each([400, 401, 403, 200, 201, 302, 404, 418])(
    "status %d with an error is a refusal by that error",
    (status) => {
      for (const contentType of ["application/json", "text/html", "text/plain; charset=latin1", ""]) {
        const answer = response(
          status,
          { ...good, error: "invalid_client", error_description: "no such client" },
          { "content-type": contentType },
        );
        const error = refusal(answer);
        expect(error).toMatchObject({
          code: "token_request_refused",
          error: "invalid_client",
          errorDescription: "no such client",
          retryable: false,
          status: 502,
        });
      }
    },
  );

  test.each([400, 401, 403])("status %d without an OAuth error is a refusal", (status) => {
    for (const body of ["", "<html>", "[]", { error: 42 }, { error: { code: "x" } }, { message: "no" }]) {
      expect(refusal(response(status, body))).toMatchObject({
        code: "token_request_refused",
        error: undefined,
        retryable: false,
      });
    }
  });

  test("a challenge header does not hide invalid_client", () => {
    const answer = response(401, { error: "invalid_client" }, { "www-authenticate": 'Basic realm="x"' });
    expect(refusal(answer).error).toBe("invalid_client");
  });

  test.each<[name: string, answer: TokenResponse]>([
    ["429", response(429, "")],
    ["429 with invalid_client", response(429, { error: "invalid_client" })],
    ["500", response(500, "<html>")],
    ["500 with invalid_client", response(500, { error: "invalid_client" })],
    ["502", response(502, "")],
    ["503", response(503, "")],
    ["599 with a token", response(599, good)],
    ["400 with server_error", response(400, { error: "server_error" })],
    ["200 with server_error", response(200, { ...good, error: "server_error" })],
    ["400 with temporarily_unavailable", response(400, { error: "temporarily_unavailable" })],
  ])("%s is retryable, and 503 for the end user", (_name, answer) => {
    expect(refusal(answer)).toMatchObject({
      code: "token_endpoint_unavailable",
      retryable: true,
      retryAfter: undefined,
      status: 503,
      headers: { "retry-after": "5" },
    });
  });

  test.each([
    ["7", 7_000, "7"],
    [new Date(epoch + 9_000).toUTCString(), 9_000, "9"],
    [new Date(epoch - 9_000).toUTCString(), 0, "0"],
    ["3600", 30_000, "30"],
    ["soon", undefined, "5"],
  ])("its Retry-After %j is %j ms, and %s s for the end user", (value, retryAfter, header) => {
    const error = refusal(response(503, "", { "retry-after": value }));
    expect([error.retryAfter, error.headers["retry-after"]]).toEqual([retryAfter, header]);
  });

  test.each([
    ["invalid_scope", /scope option/],
    ["invalid_target", /tokenParameters\.resource/],
    ["unauthorized_client", /grant/],
    ["invalid_client", /clientSecret/],
  ])("%s says what to check", (error, advice) => {
    expect(refusal(response(400, { error })).message).toMatch(advice);
  });

  test.each(["s3cr3t\n", "s3cr3t\r\n", " s3cr3t", '"s3cr3t"', "'s3cr3t'"])(
    "invalid_client for the secret %j or such an id tells of its ends, and shows neither",
    async (text) => {
      for (const [clientId, clientSecret] of [
        ["client 1", text],
        [text, "s3cr3t"],
      ] as const) {
        const refused = async () =>
          judgeTokenResponse(
            response(400, { error: "invalid_client" }),
            { ...endpoint, clientId },
            clientSecret,
          );
        const { message } = await failureOf(refused());
        expect(message).toContain("white space or a quote at an end");
        expect(message).not.toContain("s3cr3t");
      }
    },
  );
});

describe("what an error shows", () => {
  /** Everything that a log may print of an error. */
  function shown(error: TokenRequestError): string {
    return [error.message, error.stack, inspect(error), JSON.stringify(error), String(error)].join("\n");
  }

  /** The same, with what only someone who asks for it gets to see. */
  function everything(error: TokenRequestError): string {
    return [shown(error), inspect(error, { showHidden: true, depth: null }), error.errorDescription].join(
      "\n",
    );
  }

  const encoded = new URLSearchParams({ s: secret }).toString().slice(2);
  const echoes: [name: string, echo: string][] = [
    ["raw", secret],
    ["form-encoded", encoded],
    ["form-encoded in lower case", encoded.replace(/%../g, (octet) => octet.toLowerCase())],
    ["percent-encoded", encodeURIComponent(secret)],
    [
      "percent-encoded in lower case",
      encodeURIComponent(secret).replace(/%../g, (octet) => octet.toLowerCase()),
    ],
  ];

  test.each(echoes)("not the secret that an answer echoes, %s", (_name, echo) => {
    for (const status of [200, 400, 401, 404, 429, 500]) {
      for (const body of [
        { error: echo },
        { error: `client_secret=${echo} is wrong` },
        { error: "invalid_client", error_description: echo },
        { error: "invalid_client", error_description: `${"x".repeat(195)}${echo}` },
        { error: "invalid_client", error_description: `client_secret=${echo}&scope=idp_api` },
        `<p>client_secret=${echo}</p>`,
        { [echo]: echo },
      ]) {
        const text = everything(refusal(response(status, body)));
        expect(text).not.toContain(echo);
        expect(text).not.toContain("s3cr");
      }
    }
  });

  test("an echo of the secret is named as such", () => {
    const error = refusal(response(400, { error: "invalid_client", error_description: `is ${secret}` }));
    expect(error.errorDescription).toContain("redacted");
    expect(refusal(response(400, { error: secret })).error).toContain("redacted");
  });

  test.each([200, 302, 400, 401, 404, 429, 500])(
    "nothing of a body, and no token, with status %d",
    (status) => {
      const marker = "tell-tale";
      for (const body of [
        `<html>${marker}</html>`,
        `{"access_token":"${marker}"`,
        { message: marker, error: { message: marker } },
        { access_token: marker, token_type: "mac", scope: marker },
        { access_token: `${marker} ${marker}`, refresh_token: marker },
        { error: "invalid_client", error_description: marker, error_uri: marker, access_token: marker },
        { error: `no way, ${marker}` },
        { error: `/connect/token?client_id=${marker}` },
        { error: `${"x".repeat(80)}${marker}` },
        { error: `line\n${marker}` },
        [marker],
      ]) {
        const answer = response(status, body, { "x-marker": marker, location: `https://${marker}.example` });
        expect(shown(refusal(answer))).not.toContain(marker);
      }
    },
  );

  test("an error's own code, as far as it looks like one", () => {
    for (const code of ["invalid_client", "AADSTS7000215", "vendor.error-1"]) {
      const error = refusal(response(400, { error: code }));
      expect(error.error).toBe(code);
      expect(error.message).toContain(code);
    }
  });

  test("a description is short and printable, and its property is not enumerable", () => {
    const error = refusal(
      response(400, { error: "invalid_client", error_description: `a\r\nb\u001b[31mü${"x".repeat(1_000)}` }),
    );
    expect(error.errorDescription).toMatch(/^[\x20-\x7e]{200}$/);
    expect(Object.keys(error)).not.toContain("errorDescription");
  });

  test("a description that is no text is none", () => {
    expect(
      refusal(response(400, { error: "invalid_client", error_description: { x: 1 } })).errorDescription,
    ).toBeUndefined();
  });

  test("there is no cause that could hold more", () => {
    for (const body of ["{", "", { error: "invalid_client" }]) {
      expect(refusal(response(400, body)).cause).toBeUndefined();
    }
  });
});

test("a secret is found inside a word too, where its last letter has another lower case", () => {
  const answer = response(400, { error: "invalid_client", error_description: "s3crΣA" });
  const failure = captured(() => judgeTokenResponse(answer, endpoint, "s3crΣ"));
  expect(failure.errorDescription).toContain("redacted");
});

test.each(["", "="])("an error that repeats HTTP Basic credentials is not shown (padding %j)", (padding) => {
  const credentials = { clientId: endpoint.clientId, clientSecret: secret };
  const basic = basicCredentials(credentials).replace(/=*$/, padding);
  const failure = captured(() => judge(response(401, { error: basic, error_description: `got ${basic}` })));
  for (const text of [failure.message, failure.stack, String(failure.errorDescription)]) {
    expect(text).not.toContain(basic.slice(0, 12));
  }
});

function captured(act: () => unknown): TokenRequestError {
  try {
    act();
  } catch (error) {
    if (error instanceof TokenRequestError) return error;
    throw error;
  }
  throw new Error("A TokenRequestError was expected");
}
