import { type Emulator, type Exhibitor, startEmulator } from "@personify-auth/emulator";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createPersonifyClient, type PersonifyClient, type RequestOptions } from "./client.ts";
import { ApiError } from "./errors.ts";
import type { Query } from "./http/query.ts";
import { rejection } from "./http/test-server.test.support.ts";
import { createPaginator, type Page, type Paginator } from "./pagination.ts";
import { everythingPrintedOf } from "./secrets.test.support.ts";

let emulator: Emulator;
let client: PersonifyClient;
let eventId: string;

const path = "/api/v1/exhibitor/event/{eventId}";

beforeAll(async () => {
  emulator = await startEmulator();
  const { clientId, clientSecret, tenantId } = emulator.credentials;
  client = createPersonifyClient({
    clientId,
    clientSecret,
    tenantId,
    apiBaseUrl: emulator.apiBaseUrl,
    tokenUrl: emulator.tokenUrl,
    allowInsecureHttp: "loopback",
    retry: false,
  });
  eventId = emulator.tenants[0]?.events[0]?.id ?? "";
});

afterEach(() => {
  emulator.faults.clear();
  emulator.clearRequests();
});

afterAll(() => emulator.close());

function exhibitors(options: RequestOptions = {}): Paginator<Exhibitor> {
  return client.paginate<Exhibitor>(path, { path: { eventId }, ...options });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const result: T[] = [];
  for await (const item of items) result.push(item);
  return result;
}

/** The queries of the pages that were fetched. */
function fetched(): Record<string, unknown>[] {
  return emulator.requests({ kind: "api" }).map(({ query }) => query);
}

function pageOf<T>(data: readonly T[], currentPage: number, hasNextPage: boolean): Page<T> {
  return {
    data,
    paginationMetadata: {
      currentPage,
      totalCount: 100,
      totalPages: 100,
      hasPreviousPage: currentPage > 1,
      hasNextPage,
      itemsPerPage: data.length,
    },
  };
}

/** A paginator over answers of our making; the last one comes again and again. */
function over(query: Query | undefined, ...answers: unknown[]) {
  const asked: string[] = [];
  const paginator = createPaginator<unknown>(query, async (query) => {
    asked.push(query.toString());
    if (asked.length > 10) throw new Error("It is read for ever");
    const data = answers[Math.min(asked.length, answers.length) - 1];
    return { status: 200, headers: new Headers({ "x-a": "1" }), data };
  });
  return { asked, paginator };
}

describe("over a real list", () => {
  test("140 items come in order from 3 pages of 50", async () => {
    const items = await all(exhibitors());
    expect(items).toHaveLength(140);
    expect(new Set(items.map(({ id }) => id)).size).toBe(140);
    expect(fetched()).toEqual([{ Page: "1" }, { Page: "2" }, { Page: "3" }]);
    const [first] = (await client.get<Page<Exhibitor>>(path, { path: { eventId } })).data;
    expect(items[0]).toEqual(first);
  });

  test("ItemsPerPage and other parameters go with every page", async () => {
    const items = await all(exhibitors({ query: { ItemsPerPage: 35, sort: ["a", "b"] } }));
    expect(items).toHaveLength(140);
    expect(fetched()).toEqual(
      ["1", "2", "3", "4"].map((Page) => ({ ItemsPerPage: "35", sort: ["a", "b"], Page })),
    );
  });

  test("it starts at the page that is asked for", async () => {
    const whole = await all(exhibitors());
    emulator.clearRequests();
    expect(await all(exhibitors({ query: { Page: 3 } }))).toEqual(whole.slice(100));
    expect(fetched()).toEqual([{ Page: "3" }]);
  });

  test("a page is fetched when it is reached: leaving early fetches no further one", async () => {
    const seen: string[] = [];
    for await (const { id } of exhibitors()) {
      seen.push(id);
      if (seen.length === 50) break;
    }
    expect(fetched()).toEqual([{ Page: "1" }]);
    for await (const { id } of exhibitors()) {
      seen.push(id);
      if (seen.length === 101) break;
    }
    expect(fetched()).toEqual([{ Page: "1" }, { Page: "1" }, { Page: "2" }]);
  });

  test("nothing is fetched before it is iterated", async () => {
    exhibitors()[Symbol.asyncIterator]();
    exhibitors().pages()[Symbol.asyncIterator]();
    await new Promise(setImmediate);
    expect(emulator.requests()).toEqual([]);
  });

  test("it can be iterated again, from the start", async () => {
    const paginator = exhibitors({ query: { ItemsPerPage: 50, Page: 2 } });
    const first = await all(paginator);
    expect(first).toHaveLength(90);
    expect(await all(paginator)).toEqual(first);
    expect(fetched().map(({ Page }) => Page)).toEqual(["2", "3", "2", "3"]);
  });

  test("the caller's query is not changed", async () => {
    const query = new URLSearchParams({ ItemsPerPage: "50" });
    await all(exhibitors({ query }));
    expect(query.toString()).toBe("ItemsPerPage=50");
  });

  test.each([
    ["the path", `${path}?Page=2`, {}],
    ["the path, in lower case", `${path}?ItemsPerPage=5&page=2`, {}],
    ["the path, encoded", `${path}?%50age`, {}],
    ["the query, in lower case", path, { page: 2 }],
  ])("a page that is named in %s is refused: two would be sent", async (_where, template, query) => {
    expect(() => client.paginate(template, { path: { eventId }, query })).toThrow(/query\.Page/);
    expect(() => client.paginate(new URL(`${emulator.apiBaseUrl}/x?Page=2#y`))).toThrow(/query\.Page/);

    const items = await all(client.paginate(`${path}?PageSize=1#?Page=2`, { path: { eventId } }));
    expect(items).toHaveLength(140);
    expect(fetched().map(({ Page }) => Page)).toEqual(["1", "2", "3"]);
  });

  test("pages() yields whole pages with their metadata", async () => {
    const pages = await all(exhibitors().pages());
    expect(pages.map(({ data }) => data.length)).toEqual([50, 50, 40]);
    expect(pages.map(({ paginationMetadata }) => paginationMetadata)).toEqual(
      [1, 2, 3].map((currentPage) => ({
        currentPage,
        totalCount: 140,
        totalPages: 3,
        hasPreviousPage: currentPage > 1,
        hasNextPage: currentPage < 3,
        itemsPerPage: 50,
      })),
    );
    expect(pages.flatMap(({ data }) => data)).toEqual(await all(exhibitors()));
  });

  test("pages() fetches no page before it is reached either", async () => {
    for await (const _page of exhibitors().pages()) break;
    expect(fetched()).toEqual([{ Page: "1" }]);
  });

  test("an empty list has one page and no items", async () => {
    const notes = client.paginate(`${path}/note`, { path: { eventId } });
    expect(await all(notes)).toEqual([]);
    expect((await all(notes.pages())).map(({ data }) => data)).toEqual([[]]);
    expect(fetched()).toHaveLength(2);
  });

  test("a page past the end has no items", async () => {
    expect(await all(exhibitors({ query: { Page: 9 } }))).toEqual([]);
    expect(fetched()).toEqual([{ Page: "9" }]);
  });

  test("a failure in the middle rejects after the items before it", async () => {
    const seen: Exhibitor[] = [];
    const error = await rejection(
      (async () => {
        for await (const item of exhibitors()) {
          seen.push(item);
          if (seen.length === 50) emulator.faults.add({ on: "api", kind: "status", status: 500 });
        }
      })(),
    );
    expect(seen).toHaveLength(50);
    expect(error).toMatchObject({ code: "api_error", response: { status: 500 } });
  });

  test("a page that the API refuses rejects as any call does", async () => {
    expect(await rejection(all(exhibitors({ query: { Page: 0 } })))).toMatchObject({
      code: "api_error",
      response: { status: 400 },
    });
    expect(await rejection(all(exhibitors({ query: { Page: "x" } })))).toMatchObject({ code: "api_error" });
  });

  test("an abort in the middle rejects with its reason", async () => {
    const reason = new Error("the caller's own reason");
    const controller = new AbortController();
    let seen = 0;
    const error = await rejection(
      (async () => {
        for await (const _item of exhibitors({ signal: controller.signal }))
          if (++seen === 50) controller.abort(reason);
      })(),
    );
    expect(error).toBe(reason);
    expect(seen).toBe(50);
  });

  test("an answer that is no list is response_invalid", async () => {
    expect(await rejection(all(client.paginate("/api/v1/whoami")))).toMatchObject({
      code: "response_invalid",
    });
  });

  test("a list that is replaced by a page of HTML is response_invalid", async () => {
    emulator.faults.add({ on: "api", kind: "html" });
    expect(await rejection(all(exhibitors()))).toMatchObject({ code: "response_invalid" });
  });
});

describe("an answer that is not the documented wrapper", () => {
  const good = pageOf(["s3cr3t"], 1, false);
  test.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", "s3cr3t"],
    ["a number", 1],
    ["a bare list", ["s3cr3t"]],
    ["an empty object", {}],
    ["no data", { paginationMetadata: good.paginationMetadata }],
    ["data that is no list", { ...good, data: { s3cr3t: 1 } }],
    ["data that is null", { ...good, data: null }],
    ["no metadata", { data: good.data }],
    ["metadata that is null", { data: good.data, paginationMetadata: null }],
    ["metadata without hasNextPage", { data: [], paginationMetadata: { currentPage: 1 } }],
    [
      "hasNextPage that is a text",
      { data: [], paginationMetadata: { currentPage: 1, hasNextPage: "false" } },
    ],
    ["no currentPage", { data: [], paginationMetadata: { hasNextPage: false } }],
    [
      "currentPage that is a text",
      { data: [], paginationMetadata: { currentPage: "1", hasNextPage: false } },
    ],
    [
      "currentPage with a secret",
      { data: [], paginationMetadata: { currentPage: "s3cr3t", hasNextPage: true } },
    ],
  ])(
    "%s is response_invalid, with the answer on error.response and in nothing logged",
    async (_what, data) => {
      const { paginator, asked } = over(undefined, data);
      const error = await rejection(all(paginator));
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code: "response_invalid", status: 502, retryable: false });
      expect((error as ApiError).response).toMatchObject({ status: 200, data });
      expect((error as ApiError).response.headers.get("x-a")).toBe("1");
      expect(everythingPrintedOf(error)).not.toContain("s3cr3t");
      expect(asked).toHaveLength(1);
    },
  );

  test("on a later page rejects once the pages before it were read", async () => {
    const { paginator } = over(undefined, pageOf(["a", "b"], 1, true), {});
    const seen: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const item of paginator) seen.push(item);
      })(),
    );
    expect(error).toMatchObject({ code: "response_invalid" });
    expect(seen).toEqual(["a", "b"]);
  });
});

describe("a server that never comes to an end", () => {
  test("because it repeats a page is response_invalid and not read for ever", async () => {
    const { paginator, asked } = over(undefined, pageOf(["a"], 1, true));
    const error = await rejection(all(paginator));
    expect(error).toMatchObject({ code: "response_invalid" });
    expect((error as Error).message).toContain("page 1 where page 2 was asked for");
    expect(asked).toEqual(["Page=1", "Page=2"]);
  });

  test("because it repeats its last page is the same", async () => {
    const { paginator, asked } = over(undefined, pageOf(["a"], 1, true), pageOf(["b"], 2, true));
    expect(await rejection(all(paginator.pages()))).toMatchObject({ code: "response_invalid" });
    expect(asked).toEqual(["Page=1", "Page=2", "Page=3"]);
  });

  test("because it ignores the page that is asked for is the same", async () => {
    const { paginator, asked } = over({ Page: 4 }, pageOf([], 1, true));
    expect(await rejection(all(paginator))).toMatchObject({ code: "response_invalid" });
    expect(asked).toEqual(["Page=4"]);
  });
});

test("an empty page in the middle does not end the list", async () => {
  const { paginator, asked } = over(
    undefined,
    pageOf(["a"], 1, true),
    pageOf([], 2, true),
    pageOf(["b"], 3, false),
  );
  expect(await all(paginator)).toEqual(["a", "b"]);
  expect(asked).toEqual(["Page=1", "Page=2", "Page=3"]);
});
