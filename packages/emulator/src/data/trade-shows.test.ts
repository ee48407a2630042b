import { expect, test } from "vitest";
import { startEmulator } from "../index.ts";
import { createTradeShows } from "./trade-shows.ts";

const asJson = (seed: number) => {
  const { tenants, exhibitors } = createTradeShows(seed);
  return JSON.stringify([tenants, [...exhibitors]]);
};

test("2 tenants × 3 events × 140 exhibitors, every id unique", () => {
  const { tenants, exhibitors } = createTradeShows(1);
  expect(tenants.map((tenant) => tenant.events.length)).toEqual([3, 3]);
  expect([...exhibitors.values()].map((each) => each.length)).toEqual(Array(6).fill(140));
  const ids = [
    ...tenants.flatMap((tenant) => [tenant.id, ...tenant.events.map((event) => event.id)]),
    ...[...exhibitors.values()].flat().map((each) => each.id),
  ];
  expect(new Set(ids).size).toBe(2 + 6 + 6 * 140);
  for (const id of ids)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("the same seed gives byte-identical data, another seed other data", () => {
  expect(asJson(7)).toBe(asJson(7));
  expect(asJson(8)).not.toBe(asJson(7));
  expect(asJson(7 + 2 ** 32)).not.toBe(asJson(7));
});

test("two emulators of one seed have the same tenants and credentials", async () => {
  const emulators = [
    await startEmulator({ seed: 5 }),
    await startEmulator({ seed: 5 }),
    await startEmulator({ seed: 6 }),
  ];
  const [a, b, c] = emulators.map(({ tenants, credentials }) => JSON.stringify([tenants, credentials]));
  await Promise.all(emulators.map((emulator) => emulator.close()));
  expect(a).toBe(b);
  expect(c).not.toBe(a);
});

test("an exhibitor looks like one: names and contact emails are unique in its event, mail leads nowhere", () => {
  const [exhibitors = []] = createTradeShows(1).exhibitors.values();
  expect(new Set(exhibitors.map((each) => each.companyName)).size).toBe(140);
  expect(new Set(exhibitors.map((each) => each.contactEmail)).size).toBe(140);
  expect(new Set(exhibitors.map((each) => each.booth)).size).toBe(140);
  for (const each of exhibitors) {
    expect(each).toEqual({
      id: expect.any(String),
      eventId: exhibitors[0]?.eventId,
      companyName: expect.stringMatching(/^[A-Z]\w+ [A-Z]\w+ \S+$/),
      booth: expect.stringMatching(/^[1-9]\d\d$/),
      status: expect.stringMatching(/^(Confirmed|Pending|Cancelled)$/),
      contactName: expect.stringMatching(/^\S+ \S+$/),
      contactEmail: expect.stringMatching(/^[a-z]+\.[a-z]+@[a-z-]+\.example$/),
      phone: expect.stringMatching(/^\+\d+ \d+ 555 \d{4}$/),
      city: expect.any(String),
      country: expect.stringMatching(/^[A-Z]{2}$/),
      website: expect.stringMatching(/^https:\/\/www\.[a-z-]+\.example$/),
      categories: expect.any(Array),
      description: expect.any(String),
    });
  }
});
