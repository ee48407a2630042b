import type { Running } from "../../contender.ts";
import { requestsToKoa } from "./koa-app.ts";

export function setUp(): Running {
  return { call: requestsToKoa((_ctx, next) => next()) };
}
