import { resolveRedirect, type Target, type TargetRules } from "./target.ts";

/** What a redirect changes of a call, or depends on. */
export interface RedirectableCall {
  readonly method: string;
  readonly url: Target;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Whether its body can be sent again. */
  readonly replayable: boolean;
  /** Anything but "follow" leaves the redirect to the caller. */
  readonly redirect: NonNullable<RequestInit["redirect"]>;
}

const maxRedirects = 5;

/**
 * Follows redirects that stay on their origin and below the base path, at most five, as fetch does (WHATWG fetch,
 * "HTTP-redirect fetch"). Any other is the answer: token, tenant and body go nowhere that was not asked for.
 */
export function followingRedirects<
  Call extends RedirectableCall,
  Answer extends { readonly status: number; readonly headers: { get(name: string): string | null } },
>(
  rules: TargetRules,
  send: (call: Call) => Promise<Answer>,
  discard: (answer: Answer) => void,
): (call: Call) => Promise<Answer> {
  return async (first) => {
    let call = first;
    for (let followed = 0; ; followed++) {
      const answer = await send(call);
      const location =
        isRedirect(answer.status) && call.redirect === "follow" ? answer.headers.get("location") : null;
      const url = location === null ? undefined : resolveRedirect(rules, call.url, location);
      if (url === undefined || followed === maxRedirects) return answer;
      const next = becomesGet(answer.status, call.method) ? withoutBody(call) : call;
      if (!next.replayable) return answer;
      discard(answer);
      call = { ...next, url };
    }
  };
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "HEAD" && method !== "GET";
  return (status === 301 || status === 302) && method === "POST";
}

function withoutBody<Call extends RedirectableCall>(call: Call): Call {
  const headers = Object.fromEntries(
    Object.entries(call.headers).filter(([name]) => !name.startsWith("content-")),
  );
  return { ...call, method: "GET", headers, body: undefined, replayable: true };
}
