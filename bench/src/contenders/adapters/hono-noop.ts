import type { Running } from "../../contender.ts";
import { requestsToHono } from "./hono-app.ts";

export function setUp(): Running {
  return { call: requestsToHono((_c, next) => next()) };
}
