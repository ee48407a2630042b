import { onTestFinished, vi } from "vitest";
import type { PersonifyEvent } from "../events.ts";
import { type AccessToken, processClock } from "./access-token.ts";
import { clientSecretPost } from "./client-auth.ts";
import { createSeal, type Seal } from "./seal.ts";
import type { TokenEndpoint, TokenRequest, TokenResponse } from "./token-endpoint.ts";
import {
  createTokenSource,
  type TokenQuery,
  type TokenSource,
  type TokenSourceParts,
} from "./token-source.ts";

export const rightSecret = "right secret ✓";
export const timeout = 10_000;

/** 2030-01-01: a whole second, so that an HTTP-date can name any second of a test exactly. */
export const epoch = Date.UTC(2030, 0, 1);

const seals = new Map<string, Promise<Seal>>();
/** Cryptography runs off this thread, so neither a stopped clock nor a turn of the event loop waits for it. */
let cryptographyUnderWay = 0;

async function tracked<T>(work: Promise<T>): Promise<T> {
  cryptographyUnderWay++;
  try {
    return await work;
  } finally {
    cryptographyUnderWay--;
  }
}

/** The real seal, derived once for each secret. `drain` waits for its work. */
export function sealFor(secret: string): Promise<Seal> {
  const seal = seals.get(secret) ?? deriveSeal(secret);
  seals.set(secret, seal);
  return seal;
}

async function deriveSeal(secret: string): Promise<Seal> {
  const { keyId, seal, unseal } = await tracked(createSeal(secret, "a credential set"));
  return { keyId, seal: (text) => tracked(seal(text)), unseal: (sealed) => tracked(unseal(sealed)) };
}

/** Stops the clocks for one test. Promises, `setImmediate` and cryptography run on. */
export function stopClocks(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: epoch });
  onTestFinished(() => {
    vi.useRealTimers();
  });
}

/** Lets both clocks run for `ms`, with everything that falls due. */
export async function pass(ms: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await drain();
}

/** Moves the wall clock alone: a step by an administrator, or what a suspended machine finds on waking. */
export function stepWallClock(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** Until everything that can go on without a timer or an answer has gone on. */
export async function drain(): Promise<void> {
  for (let quietTurns = 0; quietTurns < 3; ) {
    await new Promise((resolve) => setImmediate(resolve));
    quietTurns = cryptographyUnderWay === 0 ? quietTurns + 1 : 0;
  }
}

/** Lets both clocks run in small steps, each with all that follows from it, until `promise` has settled. */
export async function settle<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  promise.then(mark, mark);
  await drain();
  for (let passed = 0; passed < 3 * timeout && !settled; passed += 25) await pass(25);
  if (!settled) throw new Error("It has not settled in three times timeout.token");
  return promise;
}

export function response(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): TokenResponse {
  return {
    status,
    headers: new Headers({ "content-type": "application/json", ...headers }),
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

export function granted(value: string, expiresIn: unknown = 3_600, members: object = {}): TokenResponse {
  return response(200, { access_token: value, token_type: "Bearer", expires_in: expiresIn, ...members });
}

export function refused(error = "invalid_client"): TokenResponse {
  return response(401, { error });
}

/** What becomes of a request: an answer, a failure, or undefined where it stays open. */
export type Outcome = TokenResponse | Error | undefined;

/** A token request that has arrived at the fake endpoint. */
export interface Arrived {
  readonly request: TokenRequest;
  readonly secret: string | null;
  /** When it arrived, on the monotonic clock. */
  readonly at: number;
  /** Ends the request, and lets everything that follows from it happen. */
  end(outcome: TokenResponse | Error): Promise<void>;
}

/** A token endpoint whose every answer the test decides. An open request ends as its signal aborts. */
export class FakeEndpoint {
  readonly requests: Arrived[] = [];
  /** Answers request number `count` (from 1). Left out, requests stay open until the test ends them. */
  reply: (count: number, arrived: Arrived) => Outcome = () => undefined;

  readonly send = (request: TokenRequest): Promise<TokenResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<TokenResponse>();
    const settle = (outcome: TokenResponse | Error) =>
      outcome instanceof Error ? reject(outcome) : resolve(outcome);
    if (request.signal.aborted) reject(request.signal.reason);
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
    const arrived: Arrived = {
      request,
      secret: new URLSearchParams(request.body).get("client_secret"),
      at: performance.now(),
      async end(outcome) {
        settle(outcome);
        await drain();
      },
    };
    this.requests.push(arrived);
    const outcome = this.reply(this.requests.length, arrived);
    if (outcome !== undefined) settle(outcome);
    return promise;
  };

  /** Request number `count`, from 1. */
  request(count: number): Arrived {
    const arrived = this.requests[count - 1];
    if (arrived === undefined) {
      throw new Error(`Request ${count} has not arrived; there are ${this.requests.length}`);
    }
    return arrived;
  }
}

export const endpoint: TokenEndpoint = {
  tokenUrl: new URL("https://auth.example/connect/token"),
  clientId: "the-client-id",
  clientAuth: clientSecretPost(),
  scope: "idp_api",
  parameters: [],
};

export interface SetUp {
  readonly source: TokenSource;
  readonly server: FakeEndpoint;
  readonly events: PersonifyEvent[];
  /** The events of one type. */
  eventsOf<T extends PersonifyEvent["type"]>(type: T): Extract<PersonifyEvent, { type: T }>[];
  /** Asks for a token whose failure the test may look at late, or not at all. */
  ask(query?: TokenQuery): Promise<AccessToken>;
  /** A token that is there now. Fails where there is only the promise of one. */
  current(): AccessToken;
}

/** A token source with its fake endpoint, on this process's clocks. */
export function setUp(parts: Partial<TokenSourceParts> = {}): SetUp {
  const server = new FakeEndpoint();
  const events: PersonifyEvent[] = [];
  const source = createTokenSource({
    endpoint,
    clientSecret: rightSecret,
    send: server.send,
    createSeal: sealFor,
    store: undefined,
    timeout,
    clock: processClock,
    emit: (event) => events.push(event),
    confined: false,
    ...parts,
  });
  return {
    source,
    server,
    events,
    eventsOf: <T extends PersonifyEvent["type"]>(type: T) =>
      events.filter((event): event is Extract<PersonifyEvent, { type: T }> => event.type === type),
    ask(query) {
      const token = Promise.resolve(source.getToken(query));
      token.catch(() => {});
      return token;
    },
    current() {
      const token = source.getToken();
      if (token instanceof Promise) {
        token.catch(() => {});
        throw new Error("The source has no token at hand");
      }
      return token;
    },
  };
}

/** A source that holds the token `access-token-1`, good for `expiresIn` seconds from now. */
export async function setUpHolding(
  expiresIn: unknown = 3_600,
  parts: Partial<TokenSourceParts> = {},
): Promise<SetUp & { readonly token: AccessToken }> {
  const made = setUp(parts);
  const { reply } = made.server;
  made.server.reply = () => granted("access-token-1", expiresIn);
  const token = await made.source.getToken();
  made.server.reply = reply;
  return { ...made, token };
}

/** What a promise has come to by now. */
export async function stateOf<T>(
  promise: T | Promise<T>,
): Promise<"pending" | { readonly value: T } | { readonly reason: unknown }> {
  let state: "pending" | { readonly value: T } | { readonly reason: unknown } = "pending";
  Promise.resolve(promise).then(
    (value) => {
      state = { value };
    },
    (reason: unknown) => {
      state = { reason };
    },
  );
  await drain();
  return state;
}

/** The value of the token that a promise brings. */
export async function tokenValue(token: AccessToken | Promise<AccessToken>): Promise<string> {
  return (await token).value;
}
