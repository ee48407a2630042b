import type { Running } from "../../contender.ts";

/** What measuring costs: a call that does nothing. */
export function setUp(): Running {
  const constant = "token";
  return { call: async () => constant, getToken: async () => constant };
}
