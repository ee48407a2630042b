import { setTimeout as sleep } from "node:timers/promises";
import type { Tenant } from "@personify-auth/emulator";
import type { RunningApp, Stage, Visit } from "./stage.ts";

/** One claim of the story, with the figures that were measured for it. */
export interface Scene {
  readonly claim: string;
  readonly holds: boolean;
  readonly figures: Readonly<Record<string, number>>;
  /** What an onlooker may like to see. */
  readonly details?: readonly string[];
}

interface Page {
  readonly paginationMetadata: { readonly totalCount: number; readonly totalPages: number };
  readonly data: readonly {
    readonly eventId: string;
    readonly companyName: string;
    readonly booth: string;
  }[];
}

const coldCalls = 200;
const reuseCalls = 100;
const tenantCalls = 200;
const rejectedCalls = 100;
const wrongSecretCalls = 50;
const turnoverMs = 5_000;
const turnoverCallers = 50;

/** Plays the story on the stage. Every figure is counted from the emulator's log or from what end users got. */
export async function* playScenes(stage: Stage): AsyncGenerator<Scene> {
  const { emulator } = stage;
  const [first, second] = emulator.tenants as readonly [Tenant, Tenant];
  const app = await stage.startApp();
  const tokenRequests = () => emulator.requests({ kind: "token" }).length;
  /** Runs a scene's calls and counts the token requests that they caused. */
  const counting = async <T>(calls: () => Promise<T>): Promise<[T, number]> => {
    const before = tokenRequests();
    const result = await calls();
    return [result, tokenRequests() - before];
  };

  const [cold, coldTokens] = await counting(() => together(coldCalls, () => app.visit(pageOf(first), first)));
  yield {
    claim: `${coldCalls} requests at once on a cold start: ${plural(coldTokens, "token request")}, ${failures(cold)} failed`,
    holds: coldTokens === 1 && failures(cold) === 0,
    figures: { coldCalls, tokenRequests: coldTokens, coldFailures: failures(cold) },
  };

  const page = JSON.parse((await app.visit(pageOf(first), first)).body) as Page;
  const { totalCount, totalPages } = page.paginationMetadata;
  yield {
    claim: `A page of exhibitors: ${page.data.length} of ${totalCount}, in ${totalPages} pages`,
    holds: page.data.length === 20 && totalCount === 140 && totalPages === 7,
    figures: { pageItems: page.data.length, totalItems: totalCount },
    details: page.data.slice(0, 3).map(({ companyName, booth }) => `${companyName}, booth ${booth}`),
  };

  const [reuse, reuseTokens] = await counting(() =>
    inTurn(reuseCalls, () => app.visit(pageOf(first), first)),
  );
  yield {
    claim: `${reuseCalls} more requests, one after the other: ${plural(reuseTokens, "token request")}, the token is reused`,
    holds: reuseTokens === 0 && failures(reuse) === 0,
    figures: { reuseCalls, reuseTokenRequests: reuseTokens, reuseFailures: failures(reuse) },
  };

  const mixups = await countMixups(stage, app, first, second);
  yield {
    claim: `${tenantCalls} requests of two tenants side by side, by host name and by header: ${mixups} mixed up`,
    holds: mixups === 0,
    figures: { tenantCalls, tenantMixups: mixups },
  };

  emulator.tokens.revoke();
  const [rejected, renewals] = await counting(() =>
    together(rejectedCalls, () => app.visit(pageOf(first), first)),
  );
  yield {
    claim: `The API rejects the token early, under ${rejectedCalls} requests: ${plural(renewals, "refresh", "refreshes")}, ${failures(rejected)} failed`,
    holds: renewals === 1 && failures(rejected) === 0,
    figures: { rejectedCalls, rejectionTokenRequests: renewals, rejectionFailures: failures(rejected) },
  };

  // From here on tokens live for 2 s, so that several turn over.
  emulator.clients.update(emulator.credentials.clientId, { tokenLifetime: 2 });
  emulator.tokens.revoke();
  const [turnover, turnovers] = await counting(() => underLoad(app, first));
  yield {
    claim: `2 s tokens turning over under ${turnover.length} requests in ${turnoverMs / 1_000} s: ${turnovers} new tokens, ${failures(turnover)} failed`,
    holds: turnovers >= 2 && turnovers <= 6 && failures(turnover) === 0,
    figures: {
      turnoverCalls: turnover.length,
      turnovers,
      turnoverFailures: failures(turnover),
    },
  };

  const { clientId } = emulator.credentials;
  const misconfigured = await stage.startApp({ clientId, clientSecret: "not-the-secret" });
  const [refused, refusedTokens] = await counting(() =>
    together(wrongSecretCalls, () => misconfigured.visit(pageOf(first), first)),
  );
  const told = (await misconfigured.firstError()) ?? "no error was seen";
  const allBadGateway = refused.every(({ status }) => status === 502);
  yield {
    claim: `A wrong secret under ${wrongSecretCalls} requests: ${plural(refusedTokens, "token request")}, and the operator reads`,
    holds:
      refusedTokens === 1 &&
      allBadGateway &&
      told.includes("invalid_client") &&
      !told.includes("not-the-secret"),
    figures: { wrongSecretCalls, wrongSecretTokenRequests: refusedTokens },
    details: told.split("\n", 1),
  };
}

/** Calls of both tenants at once that were answered with, or were sent to the API as, the other tenant's. */
async function countMixups(stage: Stage, app: RunningApp, first: Tenant, second: Tenant): Promise<number> {
  const before = stage.emulator.requests({ kind: "api" }).length;
  const answers = await together(tenantCalls, async (index) => {
    const tenant = index % 2 === 0 ? first : second;
    const visit = await app.visit(pageOf(tenant), tenant, index % 4 < 2 ? "host" : "header");
    const page = visit.status === 200 ? (JSON.parse(visit.body) as Page) : undefined;
    return page?.data.every(({ eventId }) => eventId === tenant.events[0]?.id) === true;
  });
  const ownerOf = new Map([first, second].flatMap(({ id, events }) => events.map((event) => [event.id, id])));
  const sent = stage.emulator.requests({ kind: "api" }).slice(before);
  const missent = sent.filter(({ path, tenantId }) => ownerOf.get(path.split("/").at(-1) ?? "") !== tenantId);
  return answers.filter((own) => !own).length + missent.length + Math.abs(tenantCalls - sent.length);
}

/** A steady load of several end users, each asking again as soon as it was answered. */
async function underLoad(app: RunningApp, tenant: Tenant): Promise<Visit[]> {
  const visits: Visit[] = [];
  const endsAt = performance.now() + turnoverMs;
  await together(turnoverCallers, async () => {
    while (performance.now() < endsAt) {
      visits.push(await app.visit(pageOf(tenant), tenant));
      await sleep(20);
    }
  });
  return visits;
}

function pageOf(tenant: Tenant): string {
  return `/events/${tenant.events[0]?.id}`;
}

function together<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

async function inTurn<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let index = 0; index < count; index++) results.push(await call());
  return results;
}

function failures(visits: readonly Visit[]): number {
  return visits.filter(({ status }) => status !== 200).length;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
