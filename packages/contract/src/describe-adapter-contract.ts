import { describe, test } from "vitest";
import { cases } from "./cases/index.ts";
import type { Adapter, Capabilities } from "./contract-app.ts";
import type { ContractCase } from "./contract-case.ts";

/** The cases that a framework can be held to: all but those of an environment that it does not know. */
export function casesFor(capabilities: Capabilities): ContractCase[] {
  return cases.filter(
    ({ environment }) => environment === undefined || capabilities.environments.includes(environment),
  );
}

/** The suite that every adapter has to pass, on each version of its framework. */
export function describeAdapterContract(name: string, adapter: Adapter): void {
  const held = casesFor(adapter.capabilities);
  describe(`${name} (${stated(adapter.capabilities)})`, () => {
    for (const [group, ofGroup] of Map.groupBy(held, (each) => each.group)) {
      describe(group, () => {
        for (const { name: behaviour, run } of ofGroup) test(behaviour, () => run(adapter));
      });
    }
  });
}

function stated(capabilities: Capabilities): string {
  const parts = Object.entries(capabilities).map(([name, value]) => {
    const shown = Array.isArray(value) ? value.join(" and ") || "none" : String(value);
    return `${name}: ${shown}`;
  });
  return parts.join(", ");
}
