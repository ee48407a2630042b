import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  type Credentials,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from "@personify-auth/emulator";
import { onTestFinished } from "vitest";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import type { PersonifyClientOptions } from "./options.ts";

/** An emulator with clients for it. */
export interface Emulated {
  readonly emulator: Emulator;
  /** Options of a client for the emulator's default credentials and first tenant. */
  options(changes?: Partial<PersonifyClientOptions>): PersonifyClientOptions;
  client(changes?: Partial<PersonifyClientOptions>): PersonifyClient;
  tokenRequests(): number;
  apiRequests(): number;
}

/** An emulator that closes with the test. */
export async function emulated(settings?: EmulatorOptions): Promise<Emulated> {
  const emulator = await startEmulator(settings);
  onTestFinished(() => emulator.close());
  const options = (changes: Partial<PersonifyClientOptions> = {}) => ({
    ...optionsFor(emulator, emulator.credentials),
    ...changes,
  });
  return {
    emulator,
    options,
    client: (changes) => createPersonifyClient(options(changes)),
    tokenRequests: () => emulator.requests({ kind: "token" }).length,
    apiRequests: () => emulator.requests({ kind: "api" }).length,
  };
}

/** Options of a client of `emulator` with these credentials. */
export function optionsFor(emulator: Emulator, credentials: Credentials): PersonifyClientOptions {
  const { clientId, clientSecret, tenantId, scope } = credentials;
  const { tokenUrl, apiBaseUrl } = emulator;
  return { clientId, clientSecret, tenantId, scope, tokenUrl, apiBaseUrl, allowInsecureHttp: "loopback" };
}

/** A request as it came over the wire. */
export interface ReceivedRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  /** Every value of a header, in the order sent. */
  header(name: string): string[];
  readonly body: string;
}

/** A plain server that records what it receives. */
export interface RecordingServer {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: ReceivedRequest[];
}

export type Answer = (
  request: ReceivedRequest,
  response: ServerResponse,
  incoming: IncomingMessage,
) => void | Promise<void>;

/** Starts a server that closes with the test. Without `answer`, it answers `{}` to everything. */
export async function recordingServer(
  answer: Answer = (_request, response) => void response.end("{}"),
): Promise<RecordingServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer(async (incoming, response) => {
    const { rawHeaders, method = "", url = "" } = incoming;
    const request: ReceivedRequest = {
      method,
      url,
      header: (name) =>
        rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name),
      body: await text(incoming),
    };
    requests.push(request);
    await answer(request, response, incoming);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Answers the first `times` requests with 401, any other with `{}`. */
export function rejecting(times: number): Answer {
  let rejected = 0;
  return (_request, response) => {
    response.statusCode = rejected++ < times ? 401 : 200;
    response.end("{}");
  };
}

/** What a call rejects with. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  const outcome = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (outcome instanceof Error) return outcome;
  throw new Error("The call was expected to reject with an Error");
}

/** Runs `count` calls at once. */
export function times<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}
