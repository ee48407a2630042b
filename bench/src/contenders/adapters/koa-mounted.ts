import { personify } from "@personify-auth/koa";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "../ours/client.ts";
import { requestsToKoa } from "./koa-app.ts";

export function setUp(target: Target): Running {
  return { call: requestsToKoa(personify(optionsFor(target))) };
}
