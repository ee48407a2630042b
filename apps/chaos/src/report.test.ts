import { expect, it } from "vitest";
import { heapBound, judge, report, socketsBound } from "./report.ts";
import type { Outcome } from "./run.ts";

const client = {
  tokenRequests: 30,
  tokensReceived: 10,
  tokensAwaited: 0,
  mostTokensAwaited: 1,
  refreshesFailed: 2,
  callsReplayed: 3,
};
const counts = {
  sent: { token: 60, api: 900 },
  open: { token: 0, api: 0 },
  unhandled: [],
  clients: [client, client],
};
const failed = { code: "token_timeout", at: 1, tokensRefused: 0, awaitsApi: false, renewalPaused: false };
const good: Outcome = {
  tally: {
    calls: 1_000,
    failed: 100,
    causes: new Map([
      ["network_error", 60],
      ["api_error 503", 40],
    ]),
  },
  blamed: { "valid token held": [], "401 not renewed": [] },
  app: counts,
  met: new Map([["API stalls", { times: 2, requests: 40 }]]),
  missing: [],
  strays: 0,
  recoveredIn: 300,
  relapses: 0,
  start: { heap: 20_000_000, sockets: 200 },
  end: { heap: 20_000_000 + heapBound, sockets: 200 + socketsBound },
};

const broken = (outcome: Outcome) => judge(outcome).flatMap(({ what, holds }) => (holds ? [] : [what]));

it("finds nothing wrong with a run in which nothing was", () => {
  expect(broken(good)).toEqual([]);
});

it.each<[string, Partial<Outcome>]>([
  ["failures while a valid token was held", { blamed: { ...good.blamed, "valid token held": [failed] } }],
  ["401s passed on without a renewal", { blamed: { ...good.blamed, "401 not renewed": [failed] } }],
  ["failures that no fault explains", { tally: { ...good.tally, causes: new Map([["TypeError: x", 1]]) } }],
  ["failures that no fault explains", { tally: { ...good.tally, causes: new Map([["api_error 403", 1]]) } }],
  ["failures that no fault explains", { tally: { ...good.tally, causes: new Map([["no answer", 1]]) } }],
  ["requests that left for another origin", { strays: 1 }],
  ["unhandled rejections", { app: { ...counts, unhandled: ["Error: x"] } }],
  [
    "token requests of one client at once",
    { app: { ...counts, clients: [client, { ...client, mostTokensAwaited: 2 }] } },
  ],
  ["all calls succeed again after", { recoveredIn: undefined }],
  ["failures after that", { relapses: 1 }],
  ["heap", { end: { ...good.end, heap: good.end.heap + 1 } }],
  ["sockets in use", { end: { ...good.end, sockets: good.end.sockets + 1 } }],
  ["missing from the chaos", { missing: ['"API stalls"'] }],
])("tells where a run breaks a must: %s", (what, change) => {
  expect(broken({ ...good, ...change })).toEqual([what]);
});

it("ends in one line that sums the run up", () => {
  expect(report(good, 7).split("\n").at(-1)).toBe(
    "chaos: seed 7, 1000 calls, 100 failed, 0 while a valid token was held, 60 token requests, 0 unhandled rejections, heap 19.1 MB → 22.1 MB, sockets 200 → 210, 11 of 11 musts hold",
  );
});
