import { readHeaders } from "./client-overrides.ts";

/** What `aroundCall` is told of a call. */
export interface CallDescription {
  /** The HTTP method. */
  readonly method: string;
  /** Scheme, host and port. */
  readonly origin: string;
  /** The path's template, undefined where the call passed no `path` values: it may hold ids. */
  readonly path: string | undefined;
}

/**
 * Runs a call, with its token and retries. `send` sends it, with further headers where it is given some, and may be
 * called once; what comes of it is to be passed on.
 */
export type AroundCall = <Answer extends { readonly status: number }>(
  call: CallDescription,
  send: (headers?: Readonly<Record<string, string>>) => Promise<Answer>,
) => Promise<Answer>;

/** Sends a call through `aroundCall`. The headers that it adds are checked as a caller's are. */
export function sendAround<
  Call extends { readonly headers: Readonly<Record<string, string>> },
  Answer extends { readonly status: number },
>(
  around: AroundCall,
  description: CallDescription,
  call: Call,
  send: (call: Call) => Promise<Answer>,
): Promise<Answer> {
  return around(description, async (headers = {}) =>
    send({ ...call, headers: { ...call.headers, ...readHeaders(headers) } }),
  );
}
