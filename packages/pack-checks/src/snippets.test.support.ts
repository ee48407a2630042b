import { globSync } from "node:fs";
import { join } from "node:path";
import { fencesOf } from "./fences.test.support.ts";

const root = join(import.meta.dirname, "../../..");

/** How a fence of code is tried, in the folder where the package `of` is installed. */
type Trial =
  /** Its `npm install` lines name what is installed there. */
  | { readonly as: "install"; readonly of: string }
  /** Ends by itself, and prints that. `after` is run after it; `redis` is a user of a Redis, as its name says. */
  | {
      readonly as: "script";
      readonly of: string;
      readonly prints: RegExp;
      readonly after?: string;
      readonly redis?: true;
      /** What TypeScript misses, where a reader of it is told to say more. */
      readonly typeErrors?: RegExp;
    }
  /** Serves the exhibitors of an event at /exhibitors/:event. */
  | { readonly as: "server"; readonly of: string }
  /** As a server, on workerd. */
  | { readonly as: "worker"; readonly of: string }
  /** Goes on where the code before it on the page ends. */
  | { readonly as: "sequel" }
  /** Takes the place of the statement that begins so in the server before it on the page. */
  | { readonly as: "replacement"; readonly statement: string }
  /** Stands in a file of this package, word for word. */
  | { readonly as: "quotation"; readonly file: string }
  /** What that file reads, and tries. */
  | { readonly as: "input"; readonly to: string }
  /** Its lines stand on that page too. */
  | { readonly as: "repetition"; readonly page: string }
  | { readonly as: "nothing"; readonly because: string };

const install = (of: string): Trial => ({ as: "install", of });
const server = (of: string): Trial => ({ as: "server", of });
const sequel: Trial = { as: "sequel" };
const input = (to: string): Trial => ({ as: "input", to });
const nothing = (because: string): Trial => ({ as: "nothing", because });
/** A caller in TypeScript says what it expects, as the page of core tells. */
const ofUnknown = (property: string) =>
  new RegExp(`^\\S+: error TS2339: Property '${property}' does not exist on type 'unknown'.\n$`);

const ofAnAdapter = (name: string): Page => [
  ["sh", install(name)],
  ["js", server(name)],
];

type Page = readonly (readonly [language: string, Trial])[];

/** All fences of a page, in their order. A package's README that is not here is that of an adapter. */
const pages: Readonly<Record<string, Page>> = {
  "README.md": [
    ["sh", nothing("it runs the demo, which tests of its own try, and all tests, of which this is one")],
    ["sh", install("express")],
    ["js", server("express")],
    ["js", { as: "replacement", statement: "app.use(personify(" }],
  ],
  "packages/core/README.md": [
    ["sh", install("core")],
    [
      "js",
      {
        as: "script",
        of: "core",
        prints: /^(.+\n){140}$/,
        typeErrors: ofUnknown("companyName"),
      },
    ],
    ["js", sequel],
  ],
  "packages/emulator/README.md": [
    ["js", { as: "script", of: "emulator", prints: /paginationMetadata:[\s\S]*POST \/connect\/token 200/ }],
  ],
  "packages/otel/README.md": [
    ["sh", install("otel")],
    ["js", { as: "script", of: "otel", prints: /^140\n$/, typeErrors: ofUnknown("paginationMetadata") }],
  ],
  "packages/redis/README.md": [
    ["sh", install("redis")],
    [
      "js",
      {
        as: "script",
        of: "redis",
        redis: true,
        after: 'console.log(await personify.get("/api/v1/whoami"));\nawait redis.quit();',
        prints: /tenantId/,
      },
    ],
    ["text", input("packages/pack-checks/src/try-snippet.test.support.ts")],
  ],
  "packages/cloudflare/README.md": [
    ["sh", install("cloudflare")],
    ["js", { as: "worker", of: "cloudflare" }],
    ["jsonc", input("packages/pack-checks/src/try-snippet.test.support.ts")],
    ["ts", { as: "quotation", file: "consumers/cloudflare.ts" }],
  ],
  "packages/cli/README.md": [
    ["sh", input("packages/pack-checks/src/cli.test.ts")],
    ["text", nothing("it is a part of what doctor prints of the real service, cut short")],
  ],
  "docs/quick-start.md": [
    ["sh", { as: "repetition", page: "packages/cli/README.md" }],
    ["sh", nothing("its server is the one of an adapter's README")],
    ["sh", input("docs/src/programs.test.ts")],
    ["sh", nothing("its credentials are for readers to fill in")],
    ["sh", { as: "repetition", page: "packages/cli/README.md" }],
  ],
  "docs/concepts.md": [
    ["js", input("docs/src/programs.test.ts")],
    ["text", input("docs/src/programs.test.ts")],
  ],
  "docs/migration.md": [
    ["ts", input("docs/src/migration.test.ts")],
    ["sh", install("express")],
    ["ts", input("docs/src/migration.test.ts")],
  ],
  "docs/hono-at-the-edge.md": [
    ["sh", nothing("its Worker is tried with the packages of the workspace")],
    ["ts", input("docs/src/programs.test.ts")],
    ["jsonc", input("docs/src/programs.test.ts")],
    ["sh", nothing("wrangler runs the workerd on which the Worker is tried")],
  ],
  "docs/architecture.md": [["text", nothing("it is a picture")]],
  "docs/emulator.md": [
    ["sh", nothing("the command line has tests of its own, and runs from its source here")],
  ],
  "docs/operations.md": [["sh", { as: "repetition", page: "packages/cli/README.md" }]],
  "docs/releasing.md": [
    ["sh", nothing("packages/release has a test that runs it")],
    ["sh", nothing("it publishes to npm")],
    ["sh", nothing("it is for npm alone to judge")],
  ],
  "docs/errors.md": [
    [
      "js",
      {
        as: "script",
        of: "core",
        prints: /^api_error: The API answered GET \/api\/v1\/no-such-path with HTTP 404; check/,
      },
    ],
  ],
};

/** README.md, those of the packages, and the pages of docs; not the recipes, which recipes.test.ts tries whole. */
export function listPages(): string[] {
  return globSync(["README.md", "packages/*/README.md", "docs/*.md"], { cwd: root }).sort();
}

/** How each fence of a page is tried; nothing where nobody has said so. */
export function trialsOf(page: string): Page {
  const [, adapter] = /^packages\/([^/]+)\/README\.md$/.exec(page) ?? [];
  return pages[page] ?? (adapter === undefined ? [] : ofAnAdapter(adapter));
}

/** A program that pages tell their readers to write. */
export interface Snippet {
  /** Of a file, made of the name of its page. */
  readonly name: string;
  readonly page: string;
  readonly code: string;
  readonly trial: Extract<Trial, { as: "script" | "server" | "worker" }>;
}

/** The programs for the folder where the package `of` is installed. */
export function snippetsOf(of: string): Snippet[] {
  return listPages().flatMap((page) => {
    const fences = fencesOf(page);
    const snippets: Snippet[] = [];
    for (const [index, [language, trial]] of trialsOf(page).entries()) {
      const code = fences[index]?.code ?? "";
      const before = snippets.at(-1);
      const name = `${page.replaceAll(/\W/g, "-")}-${index}.m${language}`;
      if (trial.as === "script" || trial.as === "server" || trial.as === "worker") {
        snippets.push({ name, page, code, trial });
      } else if (trial.as === "sequel" || trial.as === "replacement") {
        if (before === undefined) throw new Error(`${page} has no program before fence ${index + 1}`);
        if (trial.as === "sequel") snippets.splice(-1, 1, { ...before, code: before.code + code });
        else snippets.push({ ...before, name, code: replaceStatement(before.code, trial.statement, code) });
      }
    }
    return snippets.filter(({ trial }) => trial.of === of);
  });
}

function replaceStatement(code: string, statement: string, replacement: string): string {
  const line = code.split("\n").find((each) => each.startsWith(statement));
  if (line === undefined) throw new Error(`no line begins with ${statement}`);
  return code.replace(`${line}\n`, () => replacement);
}
