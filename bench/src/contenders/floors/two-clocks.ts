import type { Running } from "../../contender.ts";

/** The least that a cached token can cost where both clocks have a say. */
export function setUp(): Running {
  const token = "token";
  const expiresAt = { monotonic: performance.now() + 3_600_000, wall: Date.now() + 3_600_000 };
  const read = async () => {
    if (performance.now() >= expiresAt.monotonic || Date.now() >= expiresAt.wall) throw new Error("Expired");
    return token;
  };
  const getToken = async () => await read();
  return { call: getToken, getToken };
}
