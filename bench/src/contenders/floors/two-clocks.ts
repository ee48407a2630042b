import type { Running } from "../../contender.ts";

/** The least that a cached token can cost where both clocks have a say. */
export function setUp(): Running {
  const token = Promise.resolve("token");
  const expiresAt = { monotonic: performance.now() + 3_600_000, wall: Date.now() + 3_600_000 };
  const getToken = async () => {
    if (performance.now() >= expiresAt.monotonic || Date.now() >= expiresAt.wall) throw new Error("Expired");
    return await token;
  };
  return { call: getToken, getToken };
}
