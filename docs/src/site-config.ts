import { cp } from "node:fs/promises";
import { join } from "node:path";
import { defineConfig } from "vitepress";
import { anchorOf } from "./anchor.ts";
import { showFenceNames } from "./fence-names.ts";
import { linkPackageNames } from "./package-links.ts";
import { followRepositoryLinks } from "./repository-links.ts";
import { navigation, sidebar } from "./sidebar.ts";
import { addressOf, notPages, repository, sitePathOf } from "./site-paths.ts";

const { DOCS_BASE = "/", DOCS_SOURCE_URL: sourceUrl } = process.env;

const icon =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='7' fill='#1a7f5a'/><path d='M16 7a9 9 0 1 0 9 9' fill='none' stroke='white' stroke-width='4' stroke-linecap='round'/></svg>";

const home = {
  layout: "home",
  hero: {
    name: "Personify Auth",
    text: "A client on every request",
    tagline: "For the Personify REST API. Tokens are fetched, cached, refreshed and protected without you.",
    actions: [
      { theme: "brand", text: "Quick start", link: addressOf("docs/quick-start.md") },
      { theme: "alt", text: "Concepts", link: addressOf("docs/concepts.md") },
      { theme: "alt", text: "From your own code", link: addressOf("docs/migration.md") },
    ],
  },
};

const linked = new Set<string>();

export default defineConfig({
  title: "Personify Auth",
  description:
    "An authenticated client for the Personify REST API on every request of your TypeScript server",
  lang: "en",
  base: DOCS_BASE,
  // READMEs and docs are pages where they stand.
  srcDir: "..",
  srcExclude: [...notPages],
  rewrites: sitePathOf,
  head: [["link", { rel: "icon", href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config(md) {
      showFenceNames(md);
      followRepositoryLinks(md, { sourceUrl, publish: (path) => linked.add(path) });
      linkPackageNames(md);
    },
  },
  transformPageData({ relativePath }) {
    if (relativePath === "index.md") return { frontmatter: home };
    if (relativePath.startsWith("reference/")) return { frontmatter: { outline: 2 } };
    return {};
  },
  themeConfig: {
    nav: navigation(),
    sidebar: sidebar(),
    outline: [2, 3],
    search: { provider: "local" },
  },
  vite: { build: { target: "es2022" } },
  buildEnd: async ({ outDir }) => {
    for (const path of linked) await cp(join(repository, path), join(outDir, path.slice("docs/".length)));
  },
});
