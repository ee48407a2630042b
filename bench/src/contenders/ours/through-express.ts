import { personify } from "@personify-auth/express";
import type { Request } from "express";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "./client.ts";

/** The middleware without its framework, whose cost is not ours. */
export function setUp(target: Target): Running {
  const middleware = personify(optionsFor(target));
  return {
    call() {
      const req = { get: () => undefined } as unknown as Request;
      middleware(req, {}, () => {});
      return req.personify.get(target.apiPath);
    },
  };
}
