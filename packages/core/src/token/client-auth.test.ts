import fc from "fast-check";
import { ClientSecretBasic, ClientSecretPost, type ClientAuth as OracleAuth } from "oauth4webapi";
import { expect, test } from "vitest";
import { type ClientAuth, clientSecretBasic, clientSecretPost } from "./client-auth.ts";

/** The form body and the Authorization header as bytes on the wire. */
interface Wire {
  readonly body: string;
  readonly authorization: string | null;
}

async function ours(auth: ClientAuth, clientId: string, clientSecret: string): Promise<Wire> {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const headers = new Headers();
  await auth({ clientId, clientSecret }, body, headers);
  return { body: body.toString(), authorization: headers.get("authorization") };
}

async function oracle(auth: OracleAuth, clientId: string): Promise<Wire> {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const headers = new Headers();
  await auth({ issuer: "https://auth.example" }, { client_id: clientId }, body, headers);
  return { body: body.toString(), authorization: headers.get("authorization") };
}

/** Any well-formed text, with those characters that encodings trip over drawn often. */
const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1 }),
  fc.string({
    unit: fc.constantFrom(..."+%:&=? /#;~!*'()-_.aZ0äß€😀\u0000\r\n\u007f\u00a0\ufeff"),
    minLength: 1,
  }),
);

test("client_secret_post puts the same bytes on the wire as oauth4webapi, for any id and secret", async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (id, secret) => {
      expect(await ours(clientSecretPost(), id, secret)).toEqual(await oracle(ClientSecretPost(secret), id));
    }),
    { numRuns: 500 },
  );
});

test("client_secret_basic puts the same bytes on the wire as oauth4webapi, for any id and secret", async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (id, secret) => {
      expect(await ours(clientSecretBasic(), id, secret)).toEqual(
        await oracle(ClientSecretBasic(secret), id),
      );
    }),
    { numRuns: 500 },
  );
});

test("client_secret_post writes id and secret into the form, and no header", async () => {
  expect(await ours(clientSecretPost(), "id:1", "a+b %&=ü")).toEqual({
    body: "grant_type=client_credentials&client_id=id%3A1&client_secret=a%2Bb+%25%26%3D%C3%BC",
    authorization: null,
  });
});

test("client_secret_basic form-urlencodes id and secret before the colon joins them, and leaves the body", async () => {
  const { body, authorization } = await ours(clientSecretBasic(), "id:1", "a+b %&=ü");
  expect(body).toBe("grant_type=client_credentials");
  expect(authorization?.startsWith("Basic ")).toBe(true);
  expect(atob(authorization?.slice("Basic ".length) ?? "")).toBe("id%3A1:a%2Bb+%25%26%3D%C3%BC");
});

test("the methods bear their registered names", () => {
  expect(clientSecretPost().name).toBe("client_secret_post");
  expect(clientSecretBasic().name).toBe("client_secret_basic");
});
