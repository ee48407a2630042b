import { defineConfig } from "vitest/config";

// Packages import each other's source, so no test can load a stale or second copy from dist.
const conditions = ["@personify-auth/source", "node", "import", "module", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["src/**/*.test.ts"],
    execArgv: ["--conditions=@personify-auth/source"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
