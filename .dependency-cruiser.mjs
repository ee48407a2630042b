import { globSync } from "node:fs";

/** The layer rules of docs/architecture.md: data flows one way. */
const source = (folder) => `^${folder}/src/(?!.*\\.test\\.)`;

/** Packages whose app the contract runs; contract has one of its own. */
const adapters = globSync("packages/*/src/contract-on-server.test.support.ts")
  .map((path) => path.split("/")[1])
  .filter((name) => name !== "contract");

export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "A reader follows imports in one direction.",
      from: {},
      to: { circular: true },
    },
    {
      name: "token-knows-no-http",
      severity: "error",
      comment: "The token half is given what sends its request, so it can be tested without a network.",
      from: { path: `${source("packages/core")}token/` },
      to: { path: "^packages/core/src/(http/|client(-overrides)?\\.ts|bind-request|pagination|options)" },
    },
    {
      name: "http-knows-no-client",
      severity: "error",
      comment: "options → token source → authorized request → client → adapter.",
      from: { path: "^packages/core/src/http/(?!.*\\.test\\.)" },
      to: { path: "^packages/core/src/(client|client-overrides|bind-request|pagination)\\.ts$" },
    },
    {
      name: "only-the-index-is-public",
      severity: "error",
      comment: "Packages use each other's public entry.",
      from: { path: "^(packages|apps|bench)/([^/]+)/" },
      to: {
        path: "^(packages|apps)/[^/]+/src/",
        pathNot: ["^$1/$2/", "/src/(index|app|process|start|suite)\\.ts$"],
      },
    },
    {
      name: "adapters-depend-on-core-only",
      severity: "error",
      comment: "Anything that two adapters need lives in core.",
      from: { path: source(`packages/(${adapters.join("|")})`) },
      to: { path: "^packages/", pathNot: ["^packages/$1/", "^packages/core/"] },
    },
    {
      name: "stores-and-otel-depend-on-types-of-core-only",
      severity: "error",
      comment: "They work with whatever copy of core the app has.",
      from: { path: source("packages/(cloudflare|otel|redis)") },
      to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "core-depends-on-no-package-of-ours",
      severity: "error",
      from: { path: source("packages/core") },
      to: { path: "^packages/", pathNot: "^packages/core/" },
    },
    {
      name: "publishing-needs-no-package",
      severity: "error",
      comment: "Where npm trusts the release, nothing is installed.",
      from: { path: "^packages/release/src/[^/]+$", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypesNot: ["local", "core"] },
    },
    {
      name: "no-undeclared-dependency",
      severity: "error",
      comment: "Add what is imported to the package.json of the package that imports it.",
      from: { path: "^((packages|apps)/[^/]+|bench)/src/" },
      // What workerd itself brings is in no package.
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "unknown"], pathNot: "^cloudflare:" },
    },
    {
      name: "no-dev-dependency-in-source",
      severity: "error",
      comment: "Users do not get devDependencies: make it a dependency or a peer, or import its types alone.",
      from: { path: "^packages/[^/]+/src/", pathNot: "\\.test(\\.support)?\\.ts$" },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only", "npm-peer"] },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|\\.results|\\.wrangler|node_modules/\\.)/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["@personify-auth/source", "import", "node", "default", "types"],
    },
  },
};
