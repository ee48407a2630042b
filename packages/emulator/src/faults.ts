import { checkFault, type FaultDefinition } from "./fault-definition.ts";

/** One added fault. */
export interface FaultHandle {
  /** How many more requests it will meet; 0 once used up or cleared. */
  remaining(): number;
  /** Takes it away; other faults stay. */
  clear(): void;
}

/** A fault that still waits for requests. */
export type ActiveFault = FaultDefinition & { readonly remaining: number };

/** Things to go wrong. Of several that match a request, the one added first meets it. */
export interface Faults {
  /** Adds a fault. @throws TypeError naming the member that is wrong */
  add(fault: FaultDefinition): FaultHandle;
  /** In the order added. */
  list(): ActiveFault[];
  /** Takes all of them away. */
  clear(): void;
}

/** What a request runs into: first a wait, then perhaps one fault. */
interface FaultPlan {
  /** Undefined when no latency matched. */
  readonly latencyMs: number | undefined;
  readonly fault: FaultDefinition | undefined;
}

/** `Faults` plus what the requests need. */
export interface FaultRegistry extends Faults {
  /** Uses up one time of each fault in the plan. */
  take(request: { readonly on: "token" | "api"; readonly method: string; readonly path: string }): FaultPlan;
}

interface StoredFault {
  readonly definition: FaultDefinition;
  remaining: number;
}

export function createFaults(): FaultRegistry {
  let stored: StoredFault[] = [];
  const drop = (fault: StoredFault) => {
    fault.remaining = 0;
    stored = stored.filter((each) => each !== fault);
  };
  const use = (fault: StoredFault) => {
    fault.remaining -= 1;
    if (fault.remaining === 0) drop(fault);
  };
  return {
    add(definition) {
      checkFault(definition);
      const fault = { definition: { ...definition }, remaining: definition.times ?? 1 };
      stored.push(fault);
      return { remaining: () => fault.remaining, clear: () => drop(fault) };
    },
    list: () => stored.map(({ definition, remaining }) => ({ ...definition, remaining })),
    clear() {
      for (const fault of stored) drop(fault);
    },
    take(request) {
      if (stored.length === 0) return { latencyMs: undefined, fault: undefined };
      let latencyMs: number | undefined;
      for (const fault of stored) {
        const { definition } = fault;
        if (!meets(definition, request)) continue;
        use(fault);
        if (definition.kind !== "latency") return { latencyMs, fault: definition };
        latencyMs = (latencyMs ?? 0) + definition.ms;
      }
      return { latencyMs, fault: undefined };
    },
  };
}

function meets(fault: FaultDefinition, request: { on: string; method: string; path: string }): boolean {
  return (
    fault.on === request.on &&
    (fault.method === undefined || fault.method === request.method) &&
    (fault.path === undefined || request.path.startsWith(fault.path))
  );
}
