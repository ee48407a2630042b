import { startDeadline } from "../deadline.ts";
import { isPersonifyError, TimeoutError } from "../errors.ts";
import type { Property } from "../fuzz/property.test.support.ts";
import { type AuthorizableCall, authorized } from "../http/authorized.ts";
import { type RetryableCall, retrying } from "../http/retry.ts";
import { processClock, wallClock } from "../token/access-token.ts";
import { createTokenSource } from "../token/token-source.ts";
import { type Action, type Scenario, scenarios } from "./actions.test.support.ts";
import { createIncomingRequests, type IncomingRequests } from "./incoming-requests.test.support.ts";
import { randomNumbers } from "./random-numbers.test.support.ts";
import { endpoint, tokenTimeout } from "./source-setup.test.support.ts";
import { drain, installVirtualTime } from "./virtual-time.test.support.ts";
import { Aborted, type ApiAnswer, createWorld, type World } from "./world.test.support.ts";

type Call = AuthorizableCall & RetryableCall;

const callTimeout = 30_000;
/** Within this, every pause and every wait has passed. */
const longestPause = 61_000;

/** The rules of the token lifecycle, tried on the real token source, `authorized` and `retrying`. */
export const simulation: Property<Scenario> = {
  name: "simulation",
  rule: "whatever happens in whatever order, no rule of the token lifecycle is broken",
  inputs: scenarios,
  shares: {},
  async check(scenario) {
    await play(scenario);
    return "played";
  },
};

/** Throws the rules that a scenario broke, with all that happened before. */
async function play(scenario: Scenario): Promise<void> {
  const requests = createIncomingRequests();
  const time = installVirtualTime(randomNumbers(scenario.seed), requests.isAlive);
  const unhandled: unknown[] = [];
  const onUnhandled = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", onUnhandled);
  try {
    const world = createWorld(scenario, time, requests);
    const client = createClient(scenario, world, requests);
    // Nobody sets a Worker's clock.
    const stepWall = (ms: number) => {
      if (scenario.isConfined) return;
      time.stepWall(ms);
      world.stepped();
    };
    const kill = (hard: boolean) => {
      if (!scenario.isConfined) return;
      world.fault();
      requests.kill(hard);
      world.killed(hard);
    };
    const check = async () => {
      await drain();
      world.check();
      if (unhandled.length > 0) world.violations.push(`an unhandled rejection: ${unhandled[0]}`);
      if (world.violations.length > 0) {
        throw new Error([[...new Set(world.violations)].join("; "), ...world.trace].join("\n"));
      }
    };
    for (const action of scenario.actions) {
      world.note(JSON.stringify(action));
      if (action.do === "pass") await time.pass(action.ms);
      else if (action.do === "step the wall clock") stepWall(action.ms);
      else if (action.do === "kill requests") kill(action.hard);
      else act(action, world, client);
      await check();
    }
    // Whatever has happened: once all is well again, all is well.
    world.note("all is well again");
    world.endpoint = { kind: "grants", latency: 1, expiresIn: 3_600 };
    world.api = { kind: "serves", latency: 1 };
    world.storeMode = "works";
    await time.pass(3 * callTimeout);
    await check();
    if (client.open() > 0) world.violations.push("every call comes to an end");
    await time.pass(longestPause);
    if (scenario.hasStore) {
      // A token that was revoked while it lay in the store may cost one call, which is replayed once and no more.
      world.fault();
      void client.call("GET");
      await time.pass(longestPause);
    }
    const last = client.call("GET");
    await time.pass(2 * tokenTimeout);
    if ((await Promise.race([last, undefined])) !== 200) {
      world.violations.push("a call succeeds once all has been well for a minute");
    }
    await check();
  } finally {
    process.off("unhandledRejection", onUnhandled);
    time.restore();
  }
}

function act(action: Action, world: World, client: Client): void {
  switch (action.do) {
    case "call":
      for (let count = 0; count < action.count; count += 1) void client.call(action.method, action.isKept);
      break;
    case "ask":
      client.ask(action.forceRefresh, action.abortAfter, action.isKept);
      break;
    case "invalidate":
      world.fault();
      client.invalidate();
      break;
    case "revoke all tokens":
      world.fault();
      world.revokeAll();
      break;
    case "rotate the secret":
      world.rotate();
      break;
    case "another process stores a token":
      world.storeFromElsewhere(action.lifetime);
      break;
    case "set the endpoint":
      world.endpoint = action.to;
      break;
    case "set the API":
      world.api = action.to;
      break;
    case "set the store":
      world.fault();
      world.storeMode = action.to;
  }
}

type Client = ReturnType<typeof createClient>;

/** The client under test, wired as `createPersonifyClient` does, with what may fail handled. */
function createClient({ hasStore, isConfined }: Scenario, world: World, requests: IncomingRequests) {
  const source = createTokenSource({
    endpoint,
    clientSecret: world.secret,
    send: world.sendToken,
    createSeal: world.createSeal,
    store: hasStore ? world.store : undefined,
    timeout: tokenTimeout,
    clock: isConfined ? wallClock : processClock,
    emit: world.onEvent,
    confined: isConfined,
  });
  const tokens = world.watch(source);
  const policy = { maxRetries: 2, baseDelay: 200, maxDelay: 5_000 };
  const sendCall = retrying<Call, ApiAnswer>(
    policy,
    world.onEvent,
    authorized<Call, ApiAnswer>(
      tokens,
      world.sendCall,
      () => {},
      () => {},
    ),
  );
  /** For each call that is under way, whether anyone still waits for it. */
  const open = new Set<() => boolean>();

  return {
    open: () => [...open].filter((isAlive) => isAlive()).length,
    invalidate() {
      source.invalidate();
      world.invalidated();
    },
    /** The status of the answer, or the error. */
    call(method: string, isKept = true): Promise<number | unknown> {
      return requests.handle(isKept, async (waitUntil) => {
        const startedAt = performance.now();
        const isAlive = requests.isAlive();
        open.add(isAlive);
        const deadline = startDeadline(callTimeout, () => new TimeoutError("the call", "request_timeout"));
        try {
          const { status } = await sendCall({
            method,
            headers: {},
            tenantId: "tenant",
            replayable: true,
            waitUntil,
            deadline,
            signal: deadline,
          });
          if (status !== 200) blame(`a call was answered ${status}`, startedAt);
          return status;
        } catch (error) {
          if (!isPersonifyError(error)) world.violations.push(`a call failed with ${error}`);
          blame(`a call failed with ${error}`, startedAt);
          return error;
        } finally {
          open.delete(isAlive);
          deadline.clear();
        }
      });
    },
    ask(forceRefresh: boolean, abortAfter: number | undefined, isKept: boolean): void {
      requests.handle(isKept, (waitUntil) => {
        const controller = new AbortController();
        if (abortAfter !== undefined) setTimeout(() => controller.abort(new Aborted()), abortAfter);
        const query = { forceRefresh, waitUntil, signal: controller.signal };
        Promise.resolve(tokens.getToken(query)).catch((error: unknown) => {
          if (!isPersonifyError(error) && !(error instanceof Aborted)) {
            world.violations.push(`a query failed with ${error}`);
          }
        });
      });
    },
  };

  /** A fault may echo in a pause, or in a request that was under way. */
  function blame(what: string, startedAt: number): void {
    if (world.lastFaultAt() < startedAt - 2 * longestPause)
      world.violations.push(`${what}, though nothing was wrong`);
  }
}
