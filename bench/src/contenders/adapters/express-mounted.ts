import { personify } from "@personify-auth/express";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "../ours/client.ts";
import { createExpressApp, requestsTo } from "./express-app.ts";

export function setUp(target: Target): Running {
  return { call: requestsTo(createExpressApp(personify(optionsFor(target)))) };
}
