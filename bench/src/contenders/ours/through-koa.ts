import { personify } from "@personify-auth/koa";
import type { ParameterizedContext } from "koa";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "./client.ts";

/** The middleware without its framework, whose cost is not ours. */
export function setUp(target: Target): Running {
  const middleware = personify(optionsFor(target));
  return {
    async call() {
      const ctx = { get: () => "" } as unknown as ParameterizedContext;
      let answer: unknown;
      await middleware(ctx, async () => {
        answer = await ctx.personify.get(target.apiPath);
      });
      return answer;
    },
  };
}
