import { memoryTokenStore } from "@personify-auth/core";
import { describeTokenStore } from "./describe-token-store.ts";

describeTokenStore(
  "memory",
  () => {
    const store = memoryTokenStore();
    return { connect: () => store };
  },
  { spansProcesses: false },
);
