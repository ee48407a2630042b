import type { FaultDefinition } from "@personify-auth/emulator";
import { machineTime } from "./machine-time.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";

/** Something that goes wrong for a while. */
export interface Fault {
  readonly name: string;
  begin(random: Random): Promise<unknown>;
  /** How many requests of the app have met it. */
  met(): Promise<number>;
  end(): Promise<unknown>;
}

type Side = "token" | "api";

const names = { token: "token endpoint", api: "API" };

/** What can go wrong with the token endpoint alone, with the API alone, and with both. */
export function createFaults(stage: Stage): Record<Side | "both", readonly Fault[]> {
  return {
    token: faultsOf(stage, "token"),
    api: faultsOf(stage, "api"),
    both: [killedEmulator(stage), stoppedEmulator(stage), revokedTokens(stage)],
  };
}

function faultsOf(stage: Stage, side: Side): Fault[] {
  const gateway = stage.gateways[side];
  const name = (what: string) => `${names[side]} ${what}`;
  const location = stage.elsewhere;
  const wrongAnswers: [string, (random: Random) => FaultDefinition][] = [
    ["stalls", ({ pick }) => ({ on: side, kind: "stall", times: 30, ...pick(silences) })],
    ["resets", ({ pick }) => ({ on: side, kind: "reset", ...pick(extents) })],
    [
      "throttles",
      ({ pick }) => ({ on: side, kind: "status", ...pick(throttlings), ...pick(waits), ...pick(extents) }),
    ],
    ["answers HTML", ({ pick }) => ({ on: side, kind: "html", ...pick(extents) })],
    ["cuts its answers", ({ pick }) => ({ on: side, kind: "truncate", ...pick(extents) })],
    [
      "redirects",
      ({ pick }) => ({ on: side, kind: "redirect", location, ...pick(redirects), ...pick(extents) }),
    ],
  ];
  if (side === "api") {
    wrongAnswers.push([
      "rejects good tokens",
      ({ pick }) => ({ on: "api", kind: "reject-token", ...pick(extents) }),
    ]);
  }
  return [
    sentInto(stage, [side], {
      name: name("killed"),
      begin: () => gateway.kill(),
      end: () => gateway.start(),
    }),
    sentInto(stage, [side], {
      name: name("stopped"),
      begin: async () => gateway.signal("SIGSTOP"),
      end: async () => gateway.signal("SIGCONT"),
    }),
    ...wrongAnswers.map(([what, define]) => answered(stage, name(what), define)),
  ];
}

const silences = [{}, { before: "headers" }] as const;
const throttlings = [{ status: 429 }, { status: 503 }];
const redirects = [{ status: 302 }, { status: 307 }];
/** All requests while it lasts, or a few of them. */
const extents = [{}, { times: 30 }];
/** Seconds; the last is more than the app waits for a token. */
const waits = [{}, { retryAfter: 0 }, { retryAfter: 1 }, { retryAfter: 3 }];

function killedEmulator(stage: Stage): Fault {
  return sentInto(stage, ["token", "api"], {
    name: "both killed, all tokens forgotten",
    begin: () => losingTokens(stage, () => stage.emulator.kill()),
    async end() {
      await stage.emulator.start();
      for (const [name, fault] of stage.emulatorFaults) await stage.emulator.ask("begin", name, fault);
    },
  });
}

function stoppedEmulator(stage: Stage): Fault {
  return sentInto(stage, ["token", "api"], {
    name: "both stopped",
    begin: async () => stage.emulator.signal("SIGSTOP"),
    end: async () => stage.emulator.signal("SIGCONT"),
  });
}

function revokedTokens(stage: Stage): Fault {
  let revoked = 0;
  return {
    name: "all tokens revoked",
    async begin() {
      revoked = await losingTokens(stage, () => stage.emulator.ask("revoke"));
    },
    met: async () => revoked,
    end: async () => {},
  };
}

async function losingTokens<T>({ losses }: Stage, lose: () => Promise<T>): Promise<T> {
  const loss = { from: machineTime(), to: Number.POSITIVE_INFINITY };
  losses.push(loss);
  const result = await lose();
  loss.to = machineTime();
  return result;
}

/** A fault of a process: what the app sends there while it lasts has met it. */
function sentInto({ app }: Stage, sides: readonly Side[], fault: Omit<Fault, "met">): Fault {
  let before = 0;
  const countSent = async () => {
    const { sent } = await app.ask("counts");
    return sides.reduce((sum, side) => sum + sent[side], 0);
  };
  return {
    name: fault.name,
    async begin(random) {
      await fault.begin(random);
      before = await countSent();
    },
    met: async () => (await countSent()) - before,
    end: fault.end,
  };
}

/** A fault of the emulator. Nothing but its own end ends it; what is asked of an emulator that is away is not answered. */
function answered(stage: Stage, name: string, define: (random: Random) => FaultDefinition): Fault {
  const { emulator, emulatorFaults } = stage;
  return {
    name,
    async begin(random) {
      const fault = define(random);
      emulatorFaults.set(name, fault);
      await emulator.ask("begin", name, fault).catch(() => {});
    },
    met: () => emulator.ask("met", name).catch(() => 0),
    async end() {
      emulatorFaults.delete(name);
      await emulator.ask("end", name).catch(() => {});
    },
  };
}
