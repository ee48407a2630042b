import { once } from "node:events";
import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  type Credentials,
  type Emulator,
  type EmulatorOptions,
  startEmulator,
} from "@personify-auth/emulator";
import { onTestFinished, vi } from "vitest";
import { createPersonifyClient, type PersonifyClient } from "./client.ts";
import type { PersonifyEvent } from "./events.ts";
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

/** A token endpoint and an API of the test's own making, with clients for them. */
export interface Scripted {
  readonly endpoint: RecordingServer;
  readonly api: RecordingServer;
  readonly events: PersonifyEvent[];
  client(changes?: Partial<PersonifyClientOptions>): PersonifyClient;
}

/** Starts both. The API answers `{}` where it is not told otherwise. */
export async function scripted(answerToken: Answer, answerCall?: Answer): Promise<Scripted> {
  const [endpoint, api] = await Promise.all([recordingServer(answerToken), recordingServer(answerCall)]);
  const events: PersonifyEvent[] = [];
  const client: Scripted["client"] = (changes) =>
    createPersonifyClient({
      clientId: "the-client",
      clientSecret: "the-secret",
      tenantId: "the-tenant",
      tokenUrl: `${endpoint.url}/connect/token`,
      apiBaseUrl: api.url,
      allowInsecureHttp: "loopback",
      retry: { baseDelay: 1, maxDelay: 1 },
      onEvent: (event) => events.push(event),
      ...changes,
    });
  return { endpoint, api, events, client };
}

/** Answers JSON. */
export function json(status: number, body: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  return (_request, response) =>
    void response
      .writeHead(status, { "content-type": "application/json", ...headers })
      .end(typeof body === "string" ? body : JSON.stringify(body));
}

/** Answers token requests with `access-token-1`, `access-token-2` and so on. */
export function granting(expiresIn: unknown = 3_600): Answer {
  let count = 0;
  return (...exchange) => {
    count += 1;
    return json(200, { access_token: `access-token-${count}`, token_type: "Bearer", expires_in: expiresIn })(
      ...exchange,
    );
  };
}

/** Each answer once, in their order; the last one from then on. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let count = 0;
  return (...exchange) => {
    const answer = answers[Math.min(count, answers.length - 1)] as Answer;
    count += 1;
    return answer(...exchange);
  };
}

/** The clocks of this process, the emulator's with it, which stand still until they are moved. */
export interface StoppedClocks {
  /** Both clocks, by ms. */
  advance(ms: number): void;
  stepWall(ms: number): void;
  stepMonotonic(ms: number): void;
}

/** Stops the clocks that tokens go by, at a whole second, for one test. Sockets and timers know nothing of it. */
export function stopClocks(): StoppedClocks {
  let wall = Date.UTC(2030, 0, 1);
  // Whole as well: sums of fractions would miss a boundary by their rounding.
  let monotonic = Math.ceil(performance.now());
  vi.spyOn(Date, "now").mockImplementation(() => wall);
  vi.spyOn(performance, "now").mockImplementation(() => monotonic);
  onTestFinished(() => void vi.restoreAllMocks());
  const stepWall = (ms: number) => {
    wall += ms;
  };
  const stepMonotonic = (ms: number) => {
    monotonic += ms;
  };
  return {
    stepWall,
    stepMonotonic,
    advance(ms) {
      stepWall(ms);
      stepMonotonic(ms);
    },
  };
}

/** Draws the least of every random delay, for one test. */
export function drawNothing(): void {
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
}

/** Waits until `check` throws no more: as long as the test may take. */
export function until(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { interval: 1, timeout: 20_000 });
}

/** The tokens that an API was called with, in order. */
export function tokensOf(requests: readonly ReceivedRequest[]): string[] {
  return requests.flatMap((request) => request.header("authorization")).map((value) => value.slice(7));
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
