import { answerQuestions } from "child-process";
import { targetAt } from "./contender.ts";
import { clientFor } from "./contenders/ours/client.ts";
import { bytesRetained } from "./measures/retained.ts";

const handlers = {
  /** A client for each of `count` tenants, which asks for its token; every 100th makes a call too. */
  async bytesRetainedByTenants(origin: string, count: number): Promise<number> {
    const target = targetAt(origin);
    const client = clientFor(target);
    return bytesRetained(async (index) => {
      const ofTenant = client.with({ tenantId: `tenant-${index}` });
      await ofTenant.getAccessToken();
      if (index % 100 === 0) await ofTenant.get(target.apiPath);
    }, count);
  },
};
export type TenantsQuestions = typeof handlers;

answerQuestions(handlers);
