import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import { isPersonifyError, type PersonifyEvent } from "@personify-auth/core";
import type { FailedCall } from "./blame.ts";
import { machineTime } from "./machine-time.ts";

/** What one of the app's clients was seen to do. */
export interface Client {
  tokenRequests: number;
  tokensReceived: number;
  /** Requested and neither received nor failed, as the client says: what it gave up may still be closing. */
  tokensAwaited: number;
  mostTokensAwaited: number;
  /** While it held a token that it could still use: what must not reach a call. */
  refreshesFailed: number;
  callsReplayed: number;
  /** When it last said that it requests a token, which is no later than where it lets the token's life begin. */
  lastRequest: Moment;
  /** The last one that came whole over the wire: it takes the place of any other. */
  token: ReceivedToken | undefined;
}

interface ReceivedToken {
  readonly value: string;
  readonly requestedAt: number;
  readonly end: Moment;
}

/** One moment on two clocks: a token is at its end when either says so, as the client has it. */
interface Moment {
  readonly wall: number;
  readonly machine: number;
}

/** What one call was seen to do. */
interface Call {
  readonly client: Client;
  /** It has sent a request to the API and neither got the answer nor lost the connection. */
  awaitsApi: boolean;
  /** The tokens that the API answered 401 to. */
  readonly refused: Set<string>;
  /** Its client renewed no token for it, since the last renewal did not help. */
  renewalPaused: boolean;
}

/** One request on the wire. */
interface Exchange {
  readonly call: Call;
  readonly side: "token" | "api";
  status: number;
  readonly body: Buffer[];
}

/** All requests on the wire, and those that are open. */
export const sent = { token: 0, api: 0 };
export const open = { token: 0, api: 0 };

/** The share of its life for which the client uses a token. */
const usedShare = 0.9;
/** Whose request it is that goes over the wire, and whose event it is. */
const currentCall = new AsyncLocalStorage<Call>();
const exchanges = new WeakMap<object, Exchange>();

export function createClient(): Client {
  return {
    tokenRequests: 0,
    tokensReceived: 0,
    tokensAwaited: 0,
    mostTokensAwaited: 0,
    refreshesFailed: 0,
    callsReplayed: 0,
    lastRequest: present(),
    token: undefined,
  };
}

/** Runs one call of a client, under observation. */
export function observeCall(client: Client, run: () => void): void {
  currentCall.run({ client, awaitsApi: false, refused: new Set(), renewalPaused: false }, run);
}

/** Takes note of what a client says. */
export function noteEvent(client: Client, event: PersonifyEvent): void {
  switch (event.type) {
    case "token_requested":
      client.lastRequest = present();
      client.tokensAwaited += 1;
      client.mostTokensAwaited = Math.max(client.mostTokensAwaited, client.tokensAwaited);
      break;
    case "token_received":
    case "token_request_failed":
      client.tokensAwaited -= 1;
      break;
    case "token_refresh_failed":
      if (isUsable(client.token)) client.refreshesFailed += 1;
      break;
    case "call_replayed":
      client.callsReplayed += 1;
      break;
    case "token_rejected": {
      const call = currentCall.getStore();
      if (call !== undefined && !event.renewing) call.renewalPaused = true;
    }
  }
}

/** What is known of the current call, which has just failed. */
export function describeFailure(error: unknown): FailedCall {
  const { client, awaitsApi, refused, renewalPaused } = currentCall.getStore() as Call;
  const { token } = client;
  const { response } = error as { readonly response?: { readonly status: number } };
  return {
    code: isPersonifyError(error) ? error.code : String(error),
    status: response?.status,
    at: machineTime(),
    tokenRequestedAt: isUsable(token) && !refused.has(token.value) ? token.requestedAt : undefined,
    tokensRefused: refused.size,
    awaitsApi,
    renewalPaused,
  };
}

// undici tells what it does: nothing of ours stands in its way.
onWire<{ readonly path: string }>("create", (request) => {
  const call = currentCall.getStore();
  if (call === undefined) return;
  const side = request.path === "/connect/token" ? "token" : "api";
  exchanges.set(request, { call, side, status: 0, body: [] });
  sent[side] += 1;
  open[side] += 1;
  if (side === "token") call.client.tokenRequests += 1;
  else call.awaitsApi = true;
});

onWire<{ readonly headers: readonly string[] }>("headers", (request, { response }) => {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  exchange.status = response.statusCode;
  if (exchange.side === "token" || exchange.status !== 401) return;
  const authorization = request.headers[request.headers.indexOf("authorization") + 1] as string;
  exchange.call.refused.add(authorization.slice("Bearer ".length));
});

onWire("bodyChunkReceived", (request, { chunk }) => {
  const exchange = exchanges.get(request);
  if (exchange?.side === "token") exchange.body.push(chunk);
});

onWire("trailers", (request) => {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  open[exchange.side] -= 1;
  if (exchange.side === "token") noteToken(exchange);
  else exchange.call.awaitsApi = false;
});

onWire("error", (request, { error }) => {
  const exchange = exchanges.get(request);
  if (exchange === undefined) return;
  open[exchange.side] -= 1;
  // Otherwise it was cut off by the call's own time limit, still waiting.
  if (exchange.side === "api" && !isPersonifyError(error)) exchange.call.awaitsApi = false;
});

function noteToken({ call: { client }, status, body }: Exchange): void {
  const text = Buffer.concat(body).toString();
  if (status !== 200 || !text.startsWith("{")) return;
  const { access_token: value, expires_in: seconds } = JSON.parse(text);
  const { wall, machine } = client.lastRequest;
  const used = seconds * 1_000 * usedShare;
  client.tokensReceived += 1;
  client.token = { value, requestedAt: machine, end: { wall: wall + used, machine: machine + used } };
}

function isUsable(token: ReceivedToken | undefined): token is ReceivedToken {
  const { wall, machine } = present();
  return token !== undefined && wall < token.end.wall && machine < token.end.machine;
}

function present(): Moment {
  return { wall: Date.now(), machine: machineTime() };
}

/** What undici publishes, as far as it is used here. */
interface WireMessage<R> {
  readonly request: R;
  readonly response: { readonly statusCode: number };
  readonly chunk: Buffer;
  readonly error: unknown;
}

function onWire<R extends object = object>(
  event: string,
  listener: (request: R, message: WireMessage<R>) => void,
): void {
  subscribe(`undici:request:${event}`, (message) => {
    const told = message as WireMessage<R>;
    listener(told.request, told);
  });
}
