import { once } from "node:events";
import { type Agent, get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { text as textOf } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: a connection of its own. */
  readonly agent?: Agent;
}

/** A GET on node:http, which sends a Host of the caller's choice and follows nothing. */
export async function httpGet(url: string, limitMs: number, options: GetOptions = {}): Promise<Answer> {
  const { headers = {}, agent = false } = options;
  const signal = AbortSignal.timeout(limitMs);
  const [response] = (await once(get(url, { headers, agent, signal }), "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, text: await textOf(response) };
}
