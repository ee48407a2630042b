import { expect, onTestFinished, test } from "vitest";
import { recordingServer } from "../client.test.support.ts";
import { watchServers } from "./wire.test.support.ts";

/** What is seen of one request to a server that answers with `answer`, and what came back. */
async function exchange(
  request: RequestInit,
  answer: string[] = ["{}"],
): Promise<{ seen: string[]; received: string }> {
  const seen: string[] = [];
  onTestFinished(watchServers((secret) => void seen.push(secret)));
  const server = await recordingServer((incoming, response) => {
    for (const piece of answer) response.write(piece);
    response.end(incoming.body);
  });
  const response = await fetch(server.url, { method: "POST", ...request });
  return { seen, received: await response.text() };
}

test("a bearer token that a server receives is seen", async () => {
  const { seen } = await exchange({ headers: { authorization: "Bearer a-token-4711" } });
  expect(seen).toContain("a-token-4711");
});

test("a secret in HTTP Basic is seen as it is, and as it was encoded", async () => {
  const { seen } = await exchange({ headers: { authorization: `Basic ${btoa("id:a%2Bsecret")}` } });
  expect(seen).toEqual(expect.arrayContaining(["a%2Bsecret", "a+secret"]));
});

test("a secret in a form is seen, and the server has all of the form", async () => {
  const form = "client_id=id&client_secret=a%2Bsecret";
  const { seen, received } = await exchange({ body: form });
  expect(seen).toContain("a+secret");
  expect(received).toBe(`{}${form}`);
});

test("a token that is handed out is seen, though it comes in pieces", async () => {
  const pieces = ['{"access_token": "a-tok', 'en-4711","token_type":"Bearer"}'];
  const { seen, received } = await exchange({}, pieces);
  expect(seen).toContain("a-token-4711");
  expect(received).toBe(pieces.join(""));
});
