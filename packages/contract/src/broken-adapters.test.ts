import { describe, expect, test } from "vitest";
import type { Adapter } from "./adapter.ts";
import { createAppHost } from "./app/app-host.ts";
import { buildOnNode, capabilities, type Fault } from "./core-app.test.support.ts";
import { casesFor } from "./describe-contract.ts";
import { hostClient } from "./host-client.ts";

const inDevelopment = "an uncaught error in development";
const inProduction = "an uncaught error in production";

/** Each fault with the groups that have to notice it. */
const noticed: Readonly<Record<Fault, readonly string[]>> = {
  "no client": ["the client", "a client that is not used"],
  "options unchecked until used": ["mounting", "forwarded headers"],
  "token fetched when mounted": ["a client that is not used"],
  "token fetched for each request": ["a client that is not used", "the tenant"],
  "tenant worked out when the request comes": ["the order of middleware"],
  "tenant remembered from the first request": ["the tenant", "interleaved requests"],
  "first request's client used for all": ["the tenant", "interleaved requests", "an end user who hangs up"],
  "tenant of the latest request": ["interleaved requests"],
  "tenant of the end user's own header": ["the client", "forwarded headers"],
  "host ignored": ["the tenant"],
  "tenant option ignored": ["the tenant", "the client"],
  "false sends a tenant": ["the tenant"],
  "missing tenant replaced": ["the tenant", inDevelopment, inProduction],
  "malformed tenant mended": ["the tenant"],
  "allowed tenants ignored": ["the tenant", inDevelopment, inProduction],
  "allowed tenants refused": ["the tenant"],
  "forwarded headers not denied": ["forwarded headers"],
  "all headers forwarded": ["forwarded headers"],
  "no headers forwarded": ["forwarded headers"],
  "long headers forwarded": ["forwarded headers"],
  "statuses not mapped": ["the tenant", inDevelopment, inProduction],
  "upstream's status passed on": [inDevelopment, inProduction],
  "no Retry-After": [inDevelopment, inProduction],
  "message sent": [inDevelopment, inProduction, "a handler"],
  "upstream body sent": [inDevelopment, inProduction],
  "secret printed": [inDevelopment, inProduction],
  "token printed": [inDevelopment, inProduction],
  "throwing ends the connection": ["a handler"],
  "rejections not seen": ["a handler"],
  "stream ends early": ["a handler"],
  "hang-up not handled": ["an end user who hangs up"],
  "client made for each request": ["the client", "two mounts in one app", "requests at once"],
  "one mount for all": ["two mounts in one app"],
  "first mount wins": ["two mounts in one app"],
  "client of the latest request": ["interleaved requests"],
  "shared client's token dropped": ["a shared client"],
  "shared client's tenant dropped": ["a shared client"],
};

describe.each(Object.entries(noticed) as [Fault, readonly string[]][])(
  "an adapter with %s",
  (fault, groups) => {
    test.each(groups)("fails in %s", async (group) => {
      expect(await failuresOf(adapterWith(fault), group)).not.toEqual([]);
    });
  },
);

test("every group notices a fault", () => {
  const groups = new Set(casesFor(capabilities).map(({ group }) => group));

  expect([...groups].toSorted()).toEqual([...new Set(Object.values(noticed).flat())].toSorted());
});

/** The adapter of core alone with a fault, in this process. */
function adapterWith(fault: Fault): Adapter {
  return {
    capabilities,
    ...hostClient(createAppHost((app) => buildOnNode(app, fault))),
    // An answer that never comes should not take long to be noticed.
    patienceMs: fault === "rejections not seen" ? 300 : 5_000,
  };
}

/** The names of a group's cases that fail, up to the first one. */
async function failuresOf(adapter: Adapter, group: string): Promise<string[]> {
  for (const each of casesFor(adapter.capabilities)) {
    if (each.group !== group) continue;
    try {
      await each.run(adapter);
    } catch {
      return [each.name];
    }
  }
  return [];
}
