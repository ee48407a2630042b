import type { Running } from "../../contender.ts";
import { createExpressApp, requestsTo } from "./express-app.ts";

export function setUp(): Running {
  return { call: requestsTo(createExpressApp((_req, _res, next) => next())) };
}
