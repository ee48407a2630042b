import { describe, expect, test, vi } from "vitest";
import type { AroundCall, CallDescription } from "./around-call.ts";
import { emulated, failureOf } from "./client.test.support.ts";

interface Whoami {
  readonly headers: Record<string, string>;
}

const whoami = "/api/v1/whoami";

/** Notes each call, and what came of it. */
function noting(headers?: Record<string, string>) {
  const calls: [CallDescription, outcome: unknown][] = [];
  const aroundCall: AroundCall = async (call, send) => {
    try {
      const answer = await send(headers);
      calls.push([call, answer.status]);
      return answer;
    } catch (error) {
      calls.push([call, error]);
      throw error;
    }
  };
  return { calls, aroundCall };
}

describe("what is around a call", () => {
  test("is told its method, origin and template, and the status of its last answer", async () => {
    const { emulator, client } = await emulated();
    emulator.faults.add({ on: "api", kind: "reject-token" });
    const { calls, aroundCall } = noting();
    const personify = client({ aroundCall });
    const origin = new URL(emulator.apiBaseUrl).origin;

    await personify.get(whoami, { path: {} });
    await failureOf(personify.post("/api/v1/nowhere/{id}", {}, { path: { id: "4711" } }));
    await personify.fetch(whoami);

    expect(calls).toEqual([
      [{ method: "GET", origin, path: whoami }, 200],
      [{ method: "POST", origin, path: "/api/v1/nowhere/{id}" }, 404],
      [{ method: "GET", origin, path: undefined }, 200],
    ]);
  });

  test("sees each page of a list", async () => {
    const { emulator, client } = await emulated();
    const { calls, aroundCall } = noting();
    const eventId = emulator.tenants[0]?.events[0]?.id ?? "";
    const path = "/api/v1/exhibitor/event/{eventId}";

    const list = client({ aroundCall }).paginate(path, { path: { eventId }, query: { ItemsPerPage: 50 } });
    for await (const _ of list);

    expect(calls.map(([call]) => call.path)).toEqual([path, path, path]);
  });

  test("adds headers to it, to fetch's as well, and takes the place of the same name", async () => {
    const { client } = await emulated();
    const personify = client({ aroundCall: noting({ Traceparent: "added" }).aroundCall });
    const options = { headers: { traceparent: "the caller's", "x-own": "own" } };

    const got = await personify.get<Whoami>(whoami, options);
    const fetched = (await (await personify.fetch(whoami, options)).json()) as Whoami;

    for (const { headers } of [got, fetched]) {
      expect(headers).toMatchObject({ traceparent: "added", "x-own": "own" });
    }
  });

  test("cannot set the token or the tenant", async () => {
    const { emulator, client } = await emulated();
    const { calls, aroundCall } = noting({ authorization: "Bearer its-own-4711" });

    expect(await failureOf(client({ aroundCall }).get(whoami))).toMatchObject({ code: "header_refused" });
    expect(calls).toHaveLength(1);
    expect(emulator.requests()).toEqual([]);
  });

  test("is told why a call failed, and what it throws the call throws", async () => {
    const { emulator, client } = await emulated();
    emulator.faults.add({ on: "token", kind: "status", status: 400 });
    const { calls, aroundCall } = noting();

    const failure = await failureOf(client({ aroundCall }).get(whoami));

    expect(failure).toMatchObject({ name: "TokenRequestError" });
    expect(calls[0]?.[1]).toBe(failure);
  });

  test("may keep a call from being sent", async () => {
    const { emulator, client } = await emulated();
    const aroundCall = vi.fn(() => Promise.reject(new Error("not today")));

    expect(await failureOf(client({ aroundCall }).get(whoami))).toMatchObject({ message: "not today" });
    expect(emulator.requests()).toEqual([]);
  });
});
