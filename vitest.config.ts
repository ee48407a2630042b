import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Packages import each other's source, so no test can load a stale or second copy from dist.
const source = "@personify-auth/source";

export default defineConfig({
  // After ours, Vite's defaults for a server, which setting this replaces.
  ssr: { resolve: { conditions: [source, "module", "node", "development|production"] } },
  test: {
    include: ["src/**/*.test.ts"],
    execArgv: [`--conditions=${source}`],
    setupFiles: [
      fileURLToPath(new URL("packages/core/src/secret-scan/watch.test.support.ts", import.meta.url)),
    ],
    // The console of a test is that of its process, so that the secret scan sees all of it.
    disableConsoleIntercept: true,
    reporters: ["default", ["json", { outputFile: ".results/vitest.json" }]],
    // A machine with much else to do is slow, not broken.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
