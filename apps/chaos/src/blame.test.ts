import { describe, expect, it } from "vitest";
import { blame, type FailedCall } from "./blame.ts";

/** A call that failed at 1,000 though a token was held that was requested at 500. */
const failed: FailedCall = {
  code: "token_network_error",
  at: 1_000,
  tokenRequestedAt: 500,
  tokensRefused: 0,
  awaitsApi: false,
  renewalPaused: false,
};
const noToken = { tokenRequestedAt: undefined };
const held = "valid token held";

describe("the blame for a failed call", () => {
  it.each([
    "token_network_error",
    "token_timeout",
    "token_endpoint_unavailable",
    "token_response_invalid",
    "token_request_refused",
  ])("is on the token half for %s while a valid token is held, and only then", (code) => {
    expect(blame({ ...failed, code }, [])).toBe(held);
    expect(blame({ ...failed, code, ...noToken }, [])).toBeUndefined();
  });

  it.each([
    ["network_error", undefined],
    ["response_invalid", 200],
    ["api_error", 503],
    ["api_error", 429],
  ])("is not on it for %s %s, whatever is held", (code, status) => {
    expect(blame({ ...failed, code, status }, [])).toBeUndefined();
  });

  it("is on it for a call that ran out of time while no request of its own to the API was open", () => {
    const late = { ...failed, code: "request_timeout" };
    expect(blame(late, [])).toBe(held);
    expect(blame({ ...late, awaitsApi: true }, [])).toBeUndefined();
    expect(blame({ ...late, ...noToken }, [])).toBeUndefined();
  });

  it("is on it for a 401 while another valid token is held, unless the call was replayed already", () => {
    const refused = { ...failed, code: "api_error", status: 401, tokensRefused: 1, renewalPaused: true };
    expect(blame(refused, [])).toBe(held);
    expect(blame({ ...refused, ...noToken }, [])).toBeUndefined();
    expect(blame({ ...refused, tokensRefused: 2 }, [])).toBeUndefined();
  });

  it("is on it for a 401 to the only token that was tried, unless renewals are paused", () => {
    const refused = { ...failed, ...noToken, code: "api_error", status: 401, tokensRefused: 1 };
    expect(blame(refused, [])).toBe("401 not renewed");
    expect(blame({ ...refused, renewalPaused: true }, [])).toBeUndefined();
    expect(blame({ ...refused, tokensRefused: 2 }, [])).toBeUndefined();
  });

  it("takes a token as lost if it was requested before a loss had ended, from when that began", () => {
    expect(blame(failed, [{ from: 600, to: 700 }])).toBeUndefined();
    expect(blame(failed, [{ from: 400, to: 501 }])).toBeUndefined();
    expect(blame(failed, [{ from: 999, to: Number.POSITIVE_INFINITY }])).toBeUndefined();
    expect(blame(failed, [{ from: 400, to: 499 }])).toBe(held);
    expect(blame(failed, [{ from: 1_001, to: 1_002 }])).toBe(held);
  });
});
