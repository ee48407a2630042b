import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, matchesGlob } from "node:path";

/** The top of the repository, whose Markdown files are the site's pages, each where it stands. */
export const repository = join(import.meta.dirname, "../..");

/** Markdown for other readers than those of the site, and what becomes a page elsewhere. */
export const notPages: readonly string[] = ["**/CHANGELOG.md", "**/api.md", "packages/*/template/**"];

/** The file of a page on the site, for its file in the repository. */
export function sitePathOf(markdown: string): string {
  return markdown
    .replace(/^docs\//, "")
    .replace(/^CONTRIBUTING\.md$/, "contributing.md")
    .replace(/^SECURITY\.md$/, "security-policy.md")
    .replace(/(^|\/)README\.md$/, "$1index.md");
}

/** The address of a page below the site's base. */
export function addressOf(markdown: string): string {
  return `/${sitePathOf(markdown)
    .replace(/(^|\/)index\.md$/, "$1")
    .replace(/\.md$/, ".html")}`;
}

/** The pages of a folder in the order of their names, but for its README. */
export function pagesIn(folder: string): string[] {
  return readdirSync(join(repository, folder))
    .filter((name) => name !== "README.md")
    .toSorted()
    .map((name) => `${folder}/${name}`)
    .filter(isPage);
}

/** The page that stands for a file or folder of the repository; undefined where there is none. */
export function pageFor(path: string): string | undefined {
  const found = statSync(join(repository, path), { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isDirectory()) return isPage(path) ? path : undefined;
  const readme = path === "" ? "README.md" : `${path}/README.md`;
  if (statSync(join(repository, readme), { throwIfNoEntry: false })) return pageFor(readme);
  return pagesIn(path)[0];
}

function isPage(path: string): boolean {
  return path.endsWith(".md") && !notPages.some((glob) => matchesGlob(path, glob));
}

/** The first heading of a page. */
export function titleOf(markdown: string): string {
  const [, title = markdown] = /^# (.+)$/m.exec(readFileSync(join(repository, markdown), "utf8")) ?? [];
  return title.replaceAll("`", "");
}
