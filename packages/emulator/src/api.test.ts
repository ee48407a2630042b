import { expect, test } from "vitest";
import { createClock } from "./clock.ts";
import { callApi, getToken, running } from "./emulator-client.test.support.ts";
import type { Emulator, Exhibitor } from "./index.ts";
import { createNoteStore } from "./note-store.ts";

const eventPath = (emulator: Emulator, tenant = 0, event = 0) =>
  `/api/v1/exhibitor/event/${emulator.tenants[tenant]?.events[event]?.id}`;

interface Paged<T> {
  paginationMetadata: Record<string, unknown>;
  data: T[];
}

async function ready() {
  const emulator = await running();
  const token = await getToken(emulator);
  const call = (path: string, init?: RequestInit) => callApi(emulator, token, path, init);
  const getPage = async (query = "") =>
    (await (await call(eventPath(emulator) + query)).json()) as Paged<Exhibitor>;
  return { emulator, call, getPage, notes: `${eventPath(emulator)}/note` };
}

const sendJson = (method: string, body: unknown): RequestInit => ({
  method,
  body: typeof body === "string" ? body : JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

test("a page is wrapped as documented", async () => {
  const { call, emulator } = await ready();
  const response = await call(`${eventPath(emulator)}?Page=1&ItemsPerPage=20`);
  expect(response.headers.get("content-type")).toBe("application/json");
  const text = await response.text();
  expect(text.slice(0, text.indexOf("["))).toBe(
    '{"paginationMetadata":{"currentPage":1,"totalCount":140,"totalPages":7,"hasPreviousPage":false,' +
      '"hasNextPage":true,"itemsPerPage":20},"data":',
  );
  expect(JSON.parse(text).data).toHaveLength(20);
});

test("defaults: page 1 of 50 items; the pages together are all exhibitors, each once", async () => {
  const { getPage } = await ready();
  const pages = [await getPage(), await getPage("?Page=2"), await getPage("?Page=3")];
  expect(pages.map((page) => page.data.length)).toEqual([50, 50, 40]);
  expect(
    pages.map((page) => [page.paginationMetadata["hasPreviousPage"], page.paginationMetadata["hasNextPage"]]),
  ).toEqual([
    [false, true],
    [true, true],
    [true, false],
  ]);
  expect(new Set(pages.flatMap((page) => page.data.map((each) => each.id))).size).toBe(140);
});

test("a page past the end is empty; the last one exact when it is full", async () => {
  const { getPage } = await ready();
  const past = await getPage("?Page=4");
  expect(past.data).toEqual([]);
  expect(past.paginationMetadata).toMatchObject({
    currentPage: 4,
    hasPreviousPage: true,
    hasNextPage: false,
  });
  const last = await getPage("?Page=7&ItemsPerPage=20");
  expect(last.data).toHaveLength(20);
  expect(last.paginationMetadata).toMatchObject({ totalPages: 7, hasNextPage: false });
});

test.each([
  "Page=0",
  "Page=-1",
  "Page=1.5",
  "Page=x",
  "Page=",
  "Page=1&Page=2",
  "Page=99999999999999999999",
  "ItemsPerPage=0",
  "ItemsPerPage=51",
  "ItemsPerPage=1e1",
  "ItemsPerPage=10&ItemsPerPage=10",
])("%s → 400", async (query) => {
  const { call, emulator } = await ready();
  const response = await call(`${eventPath(emulator)}?${query}`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: "invalid_page" });
});

test("an unknown event and another tenant's event → 404 alike, on every resource", async () => {
  const { call, emulator } = await ready();
  for (const rest of ["", "/contactEmail/a@b.example", "/note", "/note/1"]) {
    const bodies = [];
    for (const path of ["/api/v1/exhibitor/event/none", eventPath(emulator, 1)]) {
      const response = await call(path + rest);
      expect([path, rest, response.status]).toEqual([path, rest, 404]);
      bodies.push(await response.text());
    }
    expect(bodies[0]).toBe(bodies[1]);
    expect(bodies[0]).toContain("unknown_event");
  }
  const [, second] = emulator.tenants;
  const own = await call(eventPath(emulator, 1), { headers: { "x-tenant-id": second?.id as string } });
  expect(own.status).toBe(200);
});

test("an exhibitor is found by contact email, percent-encoded and in any case", async () => {
  const { call, emulator, getPage } = await ready();
  const exhibitor = (await getPage("?Page=3")).data[7] as Exhibitor;
  const email = exhibitor.contactEmail;
  for (const sent of [email, encodeURIComponent(email), encodeURIComponent(email.toUpperCase())]) {
    const response = await call(`${eventPath(emulator)}/contactEmail/${sent}`);
    expect(await response.json()).toEqual(exhibitor);
  }
  expect((await call(`${eventPath(emulator)}/contactEmail/nobody@x.example`)).status).toBe(404);
  expect((await call(`${eventPath(emulator, 0, 1)}/contactEmail/${email}`)).status).toBe(404);
});

test("a note: created with a Location, read, listed, replaced, deleted", async () => {
  const { emulator, call, notes } = await ready();
  const created = await call(notes, sendJson("POST", { text: "Needs power — 400 V" }));
  expect(created.status).toBe(201);
  const location = created.headers.get("location") as string;
  const note = (await created.json()) as Record<string, string>;
  expect(location).toBe(`${notes}/${note["id"]}`);
  expect(note).toMatchObject({ text: "Needs power — 400 V", eventId: emulator.tenants[0]?.events[0]?.id });
  expect(await (await call(location)).json()).toEqual(note);
  emulator.clock.advance(60_000);
  const replaced = await call(location, sendJson("PUT", { text: "Done" }));
  expect(await replaced.json()).toMatchObject({ id: note["id"], text: "Done", createdAt: note["createdAt"] });
  const list = (await (await call(notes)).json()) as Paged<Record<string, string>>;
  expect(list.data.map((each) => each["text"])).toEqual(["Done"]);
  expect(Date.parse(list.data[0]?.["updatedAt"] as string)).toBeGreaterThan(
    Date.parse(note["createdAt"] as string),
  );
  const deleted = await call(location, { method: "DELETE" });
  expect([deleted.status, await deleted.text()]).toEqual([204, ""]);
  for (const init of [{}, { method: "DELETE" }, sendJson("PUT", { text: "x" })]) {
    expect((await call(location, init)).status).toBe(404);
  }
});

test("notes belong to one event, and so to one tenant", async () => {
  const { emulator, call, notes } = await ready();
  const { headers } = await call(notes, sendJson("POST", { text: "mine" }));
  const elsewhere = (headers.get("location") as string).replace(
    emulator.tenants[0]?.events[0]?.id as string,
    emulator.tenants[0]?.events[1]?.id as string,
  );
  expect((await call(elsewhere)).status).toBe(404);
  const other = { "x-tenant-id": emulator.tenants[1]?.id as string };
  expect((await call(headers.get("location") as string, { headers: other })).status).toBe(404);
  const theirs = (await (
    await call(`${eventPath(emulator, 1)}/note`, { headers: other })
  ).json()) as Paged<unknown>;
  expect(theirs.paginationMetadata).toMatchObject({ totalCount: 0, totalPages: 0, hasNextPage: false });
});

test.each([
  "",
  "{",
  "[]",
  "null",
  "{}",
  '{"text":""}',
  '{"text":1}',
  '{"text":"a","x":1}',
  JSON.stringify({ text: "x".repeat(2001) }),
])("a note sent as %.30j → 400, nothing stored", async (body) => {
  const { call, notes } = await ready();
  const response = await call(notes, sendJson("POST", body));
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
    400,
    "invalid_body",
  ]);
  expect(((await (await call(notes)).json()) as Paged<unknown>).data).toEqual([]);
});

test("a note without the JSON content type → 400, one over 64 KiB → 413", async () => {
  const { call, notes } = await ready();
  expect((await call(notes, { method: "POST", body: '{"text":"a"}' })).status).toBe(400);
  const typed = { "content-type": "application/json; charset=utf-8" };
  expect((await call(notes, { method: "POST", body: '{"text":"a"}', headers: typed })).status).toBe(201);
  expect((await call(notes, sendJson("POST", { text: "x".repeat(70_000) }))).status).toBe(413);
});

test("HEAD works where GET works, without a body", async () => {
  const { emulator, call, notes } = await ready();
  for (const path of ["/api/v1/whoami", eventPath(emulator), notes]) {
    const response = await call(path, { method: "HEAD" });
    expect([path, response.status, await response.text()]).toEqual([path, 200, ""]);
    expect(response.headers.get("content-type")).toBe("application/json");
  }
  expect((await call("/api/v1/exhibitor/event/none", { method: "HEAD" })).status).toBe(404);
});

test("another method → 405 with Allow; an unknown path → 404", async () => {
  const { emulator, call, notes } = await ready();
  const allowed = {
    "/api/v1/whoami": "GET, HEAD",
    [eventPath(emulator)]: "GET, HEAD",
    [notes]: "GET, HEAD, POST",
    [`${notes}/1`]: "GET, HEAD, PUT, DELETE",
  };
  for (const [path, allow] of Object.entries(allowed)) {
    const response = await call(path, { method: "PATCH" });
    expect([path, response.status, response.headers.get("allow")]).toEqual([path, 405, allow]);
  }
  expect((await call("/api/v1/nothing")).status).toBe(404);
  expect((await call("/elsewhere")).status).toBe(404);
});

test("whoami tells who calls for which tenant, and forwarded headers but never credentials", async () => {
  const { emulator, call } = await ready();
  const [, second] = emulator.tenants;
  const headers = {
    "x-tenant-id": second?.id as string,
    "x-request-id": "r-1",
    traceparent: "00-1-2-01",
    "x-api-key": "sesame",
    cookie: "a=b",
  };
  const body = (await (await call("/api/v1/whoami", { headers })).json()) as {
    headers: Record<string, string>;
  };
  expect(body).toMatchObject({ tenantId: second?.id, clientId: "exhibitor-portal", scope: "idp_api" });
  expect(body.headers).toMatchObject({
    "x-request-id": "r-1",
    traceparent: "00-1-2-01",
    "x-api-key": "(masked)",
  });
  expect(body.headers).not.toHaveProperty("authorization");
  expect(body.headers).not.toHaveProperty("cookie");
});

test("10,000 notes fit an event, no more", async () => {
  const store = createNoteStore(createClock());
  for (let count = 0; count < 10_000; count += 1) store.add("a", "text");
  expect(store.add("a", "text")).toBeUndefined();
  expect(store.add("b", "text")).toMatchObject({ text: "text" });
});
