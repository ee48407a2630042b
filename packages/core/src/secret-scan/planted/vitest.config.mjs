import shared from "../../../../../vitest.config.ts";

/** The suite's own configuration, for the files that leak. */
export default {
  ...shared,
  test: {
    ...shared.test,
    include: ["src/secret-scan/planted/leak-in-*.test.support.ts"],
    reporters: [["json", { outputFile: ".results/planted-leaks.json" }]],
  },
};
