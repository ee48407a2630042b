import { type PersonifyEnv, personify } from "@personify-auth/hono";
import type { Context } from "hono";
import type { Running, Target } from "../../contender.ts";
import { optionsFor } from "./client.ts";

/** The middleware without its framework, whose cost is not ours. */
export function setUp(target: Target): Running {
  const middleware = personify(optionsFor(target));
  return {
    async call() {
      const variables: Partial<PersonifyEnv["Variables"]> = {};
      const c = {
        env: {},
        req: { header: () => undefined },
        set: (name: "personify", value: PersonifyEnv["Variables"]["personify"]) => {
          variables[name] = value;
        },
      } as unknown as Context<PersonifyEnv>;
      let answer: unknown;
      await middleware(c, async () => {
        answer = await variables.personify?.get(target.apiPath);
      });
      return answer;
    },
  };
}
