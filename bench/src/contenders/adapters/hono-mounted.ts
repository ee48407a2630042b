import { personify } from "@personify-auth/hono";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "../ours/client.ts";
import { requestsToHono } from "./hono-app.ts";

export function setUp(target: Target): Running {
  return { call: requestsToHono(personify(optionsFor(target))) };
}
