import { ConfigurationError, isPersonifyError, type PersonifyClient } from "@personify-auth/core";
import { witness } from "./witness.ts";

/** Reads the client where the framework has it, as a handler does at any time. */
type ClientOf = () => PersonifyClient;

/** What a route does. */
export type Handler =
  | /** Sends what it resolves to as JSON; its rejection goes the framework's way. */
  { readonly kind: "json"; readonly answer: (client: ClientOf) => Promise<unknown> }
  /** The handler throws this before it returns. */
  | { readonly kind: "throw"; readonly error: () => unknown }
  /** Sends each chunk as it comes, as plain text. */
  | { readonly kind: "stream"; readonly chunks: (client: ClientOf) => AsyncGenerator<string> };

interface Seen {
  readonly tenantId: string | null;
}

const whoamiPath = "/api/v1/whoami";

/** A query that nobody is to see again. */
export const hiddenQuery = "in-the-query";

/** All that a route can do. An app is told the name, since it runs elsewhere. */
export const handlers = {
  /** Answers with whom the API sees. */
  whoami: json(whoami),

  /** Looks at the client and does not use it. */
  idle: json(async (client) => ({ has: typeof client().get })),

  /** Does not know of the client. */
  unaware: json(async () => ({ isServed: true })),

  /** Calls twice, after a pause such as reading a body or a session takes. */
  callsTwice: json(async (client) => {
    await new Promise((resolve) => setTimeout(resolve));
    const [first, second] = [await whoami(client), await whoami(client)];
    return [first.tenantId, second.tenantId];
  }),

  /** Lets its errors pass, and remembers what nobody else may see. */
  watched: json(async (client) => {
    try {
      const { value } = await client().getAccessToken();
      witness.tokensBackwards.push([...value].reverse().join(""));
      return await client().get(`${whoamiPath}?key=${hiddenQuery}`);
    } catch (error) {
      const { name, message } = error as Error;
      witness.errors.push({ name, message, isOurs: isPersonifyError(error) });
      throw error;
    }
  }),

  /** Answers with the code of the error. */
  recovers: json((client) => whoami(client).catch(({ code }: { code: string }) => ({ code }))),

  throws: { kind: "throw", error: () => new Error("thrown by the handler") },
  throwsOurs: { kind: "throw", error: () => new ConfigurationError("thrown by the handler") },
  rejects: json(() => Promise.reject(new Error("rejected by the handler"))),
  rejectsAfterCall: json(async (client) => {
    await whoami(client);
    throw new Error("rejected by the handler");
  }),

  /** Sends a form. */
  posts: json((client) => {
    const form = new FormData();
    form.set("note", "of the form");
    return client().post("/api/v1/notes", form);
  }),

  /** Calls between its chunks. */
  streams: {
    kind: "stream",
    async *chunks(client) {
      yield "begin ";
      yield `${(await whoami(client)).tenantId} `;
      yield "end";
    },
  },
} as const satisfies Record<string, Handler>;

export type HandlerName = keyof typeof handlers;

function json(answer: (client: ClientOf) => Promise<unknown>): Handler & { kind: "json" } {
  return { kind: "json", answer };
}

function whoami(client: ClientOf): Promise<Seen> {
  return client()
    .get<Seen>(whoamiPath)
    .finally(() => {
      witness.settledCalls += 1;
    });
}
