import { describeTokenStore } from "@personify-auth/contract";
import { startWorkers, workerdName } from "@personify-auth/runtimes";
import { storeIn, storeWorker, tokensWorker } from "./workerd-stores.test.support.ts";

describeTokenStore(`Durable Objects on ${workerdName}`, async () => {
  const names = ["one", "two", "three"];
  const workers = await startWorkers([...names.map((name) => storeWorker(name)), tokensWorker]);
  let connected = 0;
  return {
    connect: () => storeIn(workers, names[connected++ % names.length] as string),
    close: () => workers.stop(),
  };
});
