import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, ServerResponse } from "node:http";

/** A message of `http.server.request.start`. */
interface RequestStart {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What is longer is no token request or answer. */
const maxLength = 256 * 1024;

/** Reports each secret and token that the HTTP servers of this process receive or hand out. Returns how to stop it. */
export function watchServers(report: (secret: string) => void): () => void {
  const started = (message: unknown) => {
    const { request, response } = message as RequestStart;
    for (const credentials of credentialsIn(request.headers.authorization)) report(credentials);
    observe(request, "push", (body) => {
      for (const secret of secretsInForm(body)) report(secret);
    });
    // Tokens are asked for with POST alone (RFC 6749 §3.2).
    if (request.method !== "POST") return;
    const answered = (body: string) => {
      for (const token of tokensInAnswer(body)) report(token);
    };
    observe(response, "write", answered);
    observe(response, "end", answered);
  };
  subscribe("http.server.request.start", started);
  return () => unsubscribe("http.server.request.start", started);
}

/** Shows `see` the text that a method is called with, all of it so far, and changes nothing else. */
function observe<Name extends string>(
  owner: { [name in Name]: (...given: never[]) => unknown },
  name: Name,
  see: (text: string) => void,
): void {
  const original = owner[name];
  let text = "";
  owner[name] = function (this: unknown, ...given: never[]) {
    const [chunk] = given as unknown[];
    if ((typeof chunk === "string" || chunk instanceof Uint8Array) && text.length < maxLength) {
      text += Buffer.from(chunk as string).toString();
      see(text);
    }
    return original.apply(this, given);
  };
}

/** The token of a Bearer, or the secret of a Basic Authorization header (RFC 6750 §2.1, RFC 6749 §2.3.1). */
function credentialsIn(authorization: string | undefined): string[] {
  const [scheme = "", credentials = ""] = authorization?.split(" ", 2) ?? [];
  if (/^bearer$/i.test(scheme)) return [credentials];
  if (!/^basic$/i.test(scheme)) return [];
  const [, secret = ""] = Buffer.from(credentials, "base64").toString().split(":", 2);
  return [secret, ...new URLSearchParams(`s=${secret}`).getAll("s")];
}

/** The client secret or assertion of a token request's form. */
function secretsInForm(body: string): string[] {
  const form = new URLSearchParams(body);
  return ["client_secret", "client_assertion"].flatMap((name) => form.getAll(name));
}

/** The tokens of a token endpoint's answer, whatever else is in it. */
export function tokensInAnswer(body: string): string[] {
  return [...body.matchAll(/"(?:access|refresh)_token"\s*:\s*"((?:[^"\\]|\\.)+)"/g)].map(([, token = ""]) => {
    try {
      return JSON.parse(`"${token}"`) as string;
    } catch {
      return token;
    }
  });
}
