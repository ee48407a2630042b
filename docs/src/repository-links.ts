import { statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { addressOf, pageFor, repository } from "./site-paths.ts";

interface Destinations {
  /** Where files of the repository can be read; without it, a link to one that is not on the site is no link. */
  readonly sourceUrl: string | undefined;
  /** Told of each file of `docs` that is no page and has a link, which needs it on the site. */
  readonly publish: (path: string) => void;
}

/** Makes links between files of the repository, which work where that is read, work on the site. */
export function followRepositoryLinks(md: MarkdownRenderer, destinations: Destinations): void {
  md.core.ruler.push("repository-links", ({ tokens, env }) => {
    // Links are not needed where a page is read for the search, without its real path; those of the reference, which
    // is made for the site, are as they should be.
    const { realPath } = env;
    if (realPath === undefined || relative(repository, realPath).startsWith("docs/reference/")) return;
    for (const token of tokens) {
      // What begins with a name is a package's to the build.
      if (token.type === "html_block")
        token.content = token.content.replace(/(?<= src(?:set)?=")(?=\w+[/.])/g, "./");
    }
    let tag = "a";
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type === "link_close") token.tag = tag;
      if (token.type !== "link_open") continue;
      const link = token.attrGet("href") ?? "";
      const href = isOfRepository(link) ? follow(link, dirname(realPath), destinations) : link;
      tag = href === undefined ? "span" : "a";
      token.tag = tag;
      token.attrs = [href === undefined ? ["title", link] : ["href", href]];
    }
  });
}

function isOfRepository(link: string): boolean {
  return !/^([a-z]+:|#)/.test(link);
}

function follow(link: string, folder: string, { sourceUrl, publish }: Destinations): string | undefined {
  const [target = "", anchor] = link.split("#");
  const path = relative(repository, join(folder, decodeURI(target)));
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const page = pageFor(path);
  if (page !== undefined) return addressOf(page) + hash;
  const found = statSync(join(repository, path), { throwIfNoEntry: false });
  // The check of the built site finds it.
  if (found === undefined) return link;
  if (found.isFile() && path.startsWith("docs/")) {
    publish(path);
    return `/${path.slice("docs/".length)}`;
  }
  return sourceUrl === undefined ? undefined : `${sourceUrl}/${path}${hash}`;
}
