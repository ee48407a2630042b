import { afterAll, beforeAll, describe, test } from "vitest";
import { clientCases } from "./client-cases.ts";
import { clockCases } from "./clock-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import type { StoreCase, StoreService } from "./store-case.ts";
import { tokenCases } from "./token-cases.ts";

export const storeCases: readonly StoreCase[] = [...tokenCases, ...leaseCases, ...clockCases, ...clientCases];

/** ms, for a machine that is busy with more. */
export const limit = 120_000;

/**
 * The suite that every token store has to pass. `open` starts a backing service, once; the suite's keys are new in each
 * run. It fakes `Date` where a process has a wrong clock: a handle that runs elsewhere has to be told what `Date.now()`
 * is here. A store of one process has no such clocks: `spansProcesses: false`.
 */
export function describeTokenStore(
  name: string,
  open: () => StoreService | Promise<StoreService>,
  { spansProcesses = true }: { readonly spansProcesses?: boolean } = {},
): void {
  describe(`token store: ${name}`, () => {
    let service: StoreService;
    beforeAll(async () => {
      service = await open();
    });
    afterAll(() => service?.close?.());

    const held = storeCases.filter((each) => spansProcesses || !each.spansProcesses);
    for (const [group, ofGroup] of Map.groupBy(held, (each) => each.group)) {
      describe(group, () => {
        for (const { name, run } of ofGroup) test(name, () => run(service), limit);
      });
    }
  });
}
