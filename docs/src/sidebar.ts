import type { DefaultTheme } from "vitepress";
import { importedPackages } from "./imported-packages.ts";
import { addressOf, pagesIn, titleOf } from "./site-paths.ts";

type Item = Required<Pick<DefaultTheme.SidebarItem, "text" | "link">>;

const quickStart = [
  page("docs/quick-start.md"),
  page("packages/express/README.md", "Express"),
  page("packages/koa/README.md", "Koa"),
  page("packages/hono/README.md", "Hono"),
  page("docs/hono-at-the-edge.md"),
  page("packages/core/README.md", "Without a framework"),
  page("docs/migration.md"),
];

const behaviour = [
  page("docs/concepts.md"),
  page("docs/errors.md"),
  page("docs/operations.md"),
  page("docs/performance.md"),
  page("docs/scale.md"),
  page("docs/support.md"),
  page("docs/security.md"),
  page("docs/guarantees.md"),
];

const packages = [
  page("packages/redis/README.md", "Redis"),
  page("packages/cloudflare/README.md", "Durable Objects"),
  page("packages/otel/README.md", "OpenTelemetry"),
  page("packages/cli/README.md", "Command line"),
  page("packages/emulator/README.md", "Emulator"),
  page("docs/emulator.md"),
];

const reference = importedPackages.map((name) => ({ text: name, link: `/reference/${name}.html` }));

const project = [
  page("CONTRIBUTING.md"),
  page("docs/releasing.md"),
  page("SECURITY.md"),
  page("docs/architecture.md"),
  page("apps/README.md"),
  page("apps/hono-edge/README.md"),
  page("apps/chaos/README.md"),
  page("apps/fleet/README.md"),
  page("bench/README.md", "The benchmark"),
  page("packages/core/src/simulation/README.md"),
  page("packages/core/src/fuzz/README.md"),
];

/** The pages of the site, in the order in which one reads them; a page or package that has no place here is last in its group. */
export function sidebar(): DefaultTheme.SidebarItem[] {
  const named = new Set([...quickStart, ...behaviour, ...packages, ...project].map(({ link }) => link));
  const unnamed = (files: readonly string[]) =>
    files.filter((file) => !named.has(addressOf(file))).map((file) => page(file));
  return [
    { text: "Quick start", items: quickStart },
    { text: "How it behaves", items: behaviour },
    { text: "Recipes", items: pagesOf("docs/recipes") },
    {
      text: "More packages",
      items: [...packages, ...unnamed(importedPackages.map((name) => `packages/${name}/README.md`))],
    },
    { text: "Reference", items: reference, collapsed: true },
    { text: "Project", items: [...project, ...unnamed(pagesIn("docs"))], collapsed: true },
    { text: "Decisions", items: pagesOf("docs/decisions"), collapsed: true },
  ];
}

/** What is at the top of each page. */
export function navigation(): DefaultTheme.NavItem[] {
  return [
    { text: "Quick start", link: addressOf("docs/quick-start.md") },
    { text: "Concepts", link: addressOf("docs/concepts.md") },
    { text: "Errors", link: addressOf("docs/errors.md") },
    { text: "Reference", link: "/reference/core.html" },
  ];
}

function page(file: string, text = titleOf(file)): Item {
  return { text, link: addressOf(file) };
}

function pagesOf(folder: string): Item[] {
  return pagesIn(folder).map((file) => page(file));
}
