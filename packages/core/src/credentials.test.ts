import { describe, expect, test } from "vitest";
import {
  emulated,
  failureOf,
  granting,
  inTurn,
  json,
  type ReceivedRequest,
  recordingServer,
  scripted,
  times,
} from "./client.test.support.ts";
import { createPersonifyClient } from "./client.ts";
import { everythingPrintedOf } from "./secrets.test.support.ts";
import { type ClientAuth, clientSecretBasic, clientSecretPost } from "./token/client-auth.ts";

const path = "/api/v1/whoami";
const methods = { client_secret_post: clientSecretPost, client_secret_basic: clientSecretBasic };
const methodNames = Object.keys(methods) as (keyof typeof methods)[];

/** Texts that come out different where they are not encoded, or encoded or decoded once too often. */
const texts = {
  "a plus": "a+b",
  "a percent": "100%",
  "what looks encoded": "a%20b%2Bc",
  "a colon": "a:b:",
  "an ampersand": "a&client_id=b",
  "an equals sign": "a=b==",
  "spaces and quotes": ` a "b" 'c' `,
  "what encoders leave alone": "-_.!~*'()",
  "a letter beyond ASCII": "Zürich",
  "letters beyond Latin-1": "密码€😀",
  "all of them": `+ % : & = ? / # ; \\ ü 😀`,
};

/** Id and secret as a server reads them that goes by RFC 6749 §2.3.1, in each place where they may be. */
function decoded(request: ReceivedRequest | undefined) {
  const form = new URLSearchParams(request?.body);
  const [basic] = request?.header("authorization") ?? [];
  return {
    inForm: [form.get("client_id"), form.get("client_secret")],
    inHeader: basic
      ?.split(" ")
      .slice(1)
      .flatMap((pair) => atob(pair).split(":"))
      .map((part) => new URLSearchParams(`text=${part}`).get("text")),
  };
}

describe.each(methodNames)("%s", (name) => {
  const clientAuth = methods[name]();

  test.each(Object.entries(texts))(
    "carries an id and a secret with %s, in its own place alone",
    async (_what, text) => {
      const { endpoint, client } = await scripted(granting());
      const [clientId, clientSecret] = [`id ${text}`, `secret ${text}`];

      await client({ clientAuth, clientId, clientSecret }).getAccessToken();

      expect(decoded(endpoint.requests[0])).toEqual(
        name === "client_secret_post"
          ? { inForm: [clientId, clientSecret], inHeader: undefined }
          : { inForm: [null, null], inHeader: [clientId, clientSecret] },
      );
    },
  );

  test.each(Object.entries(texts))(
    "gets a token from the emulator for %s, and none for another",
    async (_what, text) => {
      const { emulator, client } = await emulated();
      const [clientId, clientSecret] = [`id ${text}`, `secret ${text}`];
      emulator.clients.add({ clientId, clientSecret });

      const answer = await client({ clientAuth, clientId, clientSecret }).get(path);
      const failure = await failureOf(
        client({ clientAuth, clientId, clientSecret: `${clientSecret}x` }).get(path),
      );

      expect(answer).toMatchObject({ clientId });
      expect(failure).toMatchObject({ error: "invalid_client" });
      expect(emulator.requests({ kind: "token" }).map(({ clientAuthMethod }) => clientAuthMethod)).toEqual([
        name,
        name,
      ]);
    },
  );

  test("is the same on the retry and on the renewal: never two methods at once", async () => {
    const { endpoint, client } = await scripted(
      inTurn(json(503, "", { "retry-after": "0" }), granting()),
      inTurn(json(401, ""), json(200, {})),
    );

    await client({ clientAuth }).get("/a");

    const sent = endpoint.requests.map(decoded);
    expect(sent).toHaveLength(3);
    for (const { inForm, inHeader } of sent) {
      expect([inForm[1] !== null, inHeader !== undefined]).toEqual([
        name === "client_secret_post",
        name === "client_secret_basic",
      ]);
    }
  });
});

describe("a client authentication of one's own", () => {
  const both: ClientAuth = async (credentials, body, headers) => {
    await clientSecretPost()(credentials, body, headers);
    await clientSecretBasic()(credentials, body, headers);
  };
  const assertionToo: ClientAuth = async (credentials, body, headers) => {
    body.set("client_assertion", "signed");
    await clientSecretBasic()(credentials, body, headers);
  };

  test.each(Object.entries({ both, assertionToo }))(
    "that uses two methods at once is refused, and nothing is sent: %s",
    async (_what, clientAuth) => {
      const { endpoint, api, client } = await scripted(granting());

      const failure = await failureOf(client({ clientAuth }).get("/a"));

      expect(failure).toMatchObject({ name: "ConfigurationError", code: "invalid_option", status: 500 });
      expect(failure.message).toContain("clientAuth");
      expect([...endpoint.requests, ...api.requests]).toEqual([]);
    },
  );

  test.each<[string, ClientAuth]>([
    [
      "throws",
      ({ clientSecret }) => {
        throw new Error(`cannot sign with ${clientSecret}`);
      },
    ],
    [
      "rejects",
      async ({ clientSecret }) => {
        throw { clientSecret };
      },
    ],
    [
      "sets a header to what cannot be one",
      ({ clientSecret }, _body, headers) => headers.set("x-key", `${clientSecret}\r\nx`),
    ],
  ])("that %s is a typed error without the secret, and nothing is sent", async (_how, clientAuth) => {
    const { endpoint, api, events, client } = await scripted(granting());

    const failure = await failureOf(client({ clientAuth, clientSecret: "s3cr3t-4711" }).get("/a"));

    expect(failure).toMatchObject({
      name: "PersonifyError",
      code: "client_auth_failed",
      status: 502,
      retryable: true,
    });
    expect(failure.message).toContain("Option clientAuth");
    expect(everythingPrintedOf(failure) + JSON.stringify(events)).not.toContain("s3cr3t-4711");
    expect([...endpoint.requests, ...api.requests]).toEqual([]);
  });

  test("that fails once is tried again, as any failure that passes", async () => {
    const { endpoint, client } = await scripted(granting());
    let failed = false;
    const clientAuth: ClientAuth = (credentials, body, headers) => {
      if (failed) return clientSecretPost()(credentials, body, headers);
      failed = true;
      throw new Error("the key service is away");
    };

    await client({ clientAuth }).getAccessToken();

    expect(endpoint.requests).toHaveLength(1);
  });
});

test.each([undefined, globalThis.fetch])(
  "no URL ever holds a token, a secret or a client id (fetch: %o)",
  async (fetch) => {
    const page = { currentPage: 1, totalCount: 1, totalPages: 1, hasPreviousPage: false, hasNextPage: false };
    const api = await recordingServer((request, response) => {
      if (request.url.startsWith("/redirected")) response.writeHead(302, { location: "/arrived" }).end();
      else response.end(JSON.stringify({ paginationMetadata: page, data: [] }));
    });
    const { endpoint } = await scripted(granting());
    const tokens = new Set<string>();
    for (const clientAuth of [clientSecretPost(), clientSecretBasic()]) {
      const personify = createPersonifyClient({
        clientId: "the-client",
        clientSecret: "the-secret",
        tenantId: "the-tenant",
        tokenUrl: `${endpoint.url}/connect/token?p=1`,
        apiBaseUrl: api.url,
        allowInsecureHttp: "loopback",
        clientAuth,
        fetch,
      });
      await personify.get("/a", { query: { b: 1 } });
      await personify.post("/a", { b: 1 });
      await personify.get("/redirected");
      await personify.fetch("/redirected");
      for await (const _ of personify.paginate("/list")) throw new Error("The list is empty");
      tokens.add((await personify.getAccessToken()).value);
    }

    expect(tokens.size).toBe(2);
    expect(new Set([...endpoint.requests, ...api.requests].map(({ url }) => url))).toEqual(
      new Set(["/connect/token?p=1", "/a?b=1", "/a", "/redirected", "/arrived", "/list?Page=1"]),
    );
  },
);

test("two clients that start at once, each with its own method, never mix them", async () => {
  const { endpoint, client } = await scripted(granting());

  await times(20, (index) => {
    const clientAuth = index % 2 === 0 ? clientSecretPost() : clientSecretBasic();
    return client({ clientAuth, clientSecret: `secret-${index}` }).getAccessToken();
  });

  const secrets = endpoint.requests.map(decoded).map(({ inForm, inHeader }) => [inForm[1], inHeader?.[1]]);
  expect(secrets).toHaveLength(20);
  for (const places of secrets) expect(places.filter((secret) => secret != null)).toHaveLength(1);
});
