import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface DeadLink {
  readonly page: string;
  readonly link: string;
  readonly problem: string;
}

/**
 * Follows each link, picture, script and style of a built site to its file and its anchor. What leads elsewhere has to be
 * a link that a reader follows: pages load nothing from other hosts.
 */
export async function checkLinks(
  site: string,
  base: string,
): Promise<{ pages: number; links: number; dead: DeadLink[] }> {
  const files = new Set<string>();
  for await (const entry of glob("**/*", { cwd: site, withFileTypes: true })) {
    if (entry.isFile()) files.add(join(entry.parentPath, entry.name).slice(site.length + 1));
  }
  const pages = new Map<string, { links: Reference[]; anchors: Set<string> }>();
  for (const file of files) {
    if (file.endsWith(".html")) pages.set(file, readPage(await readFile(join(site, file), "utf8")));
  }
  const dead: DeadLink[] = [];
  let links = 0;
  for (const [page, { links: references }] of pages) {
    for (const { link, isFollowed } of references) {
      links++;
      const problem = judge(link, isFollowed, page);
      if (problem !== undefined) dead.push({ page, link, problem });
    }
  }
  return { pages: pages.size, links, dead };

  function judge(link: string, isFollowed: boolean, page: string): string | undefined {
    if (link.startsWith("data:")) return undefined;
    const { origin, pathname, hash, protocol } = new URL(link, `${here}${base}${page}`);
    if (origin !== here) {
      if (!isFollowed) return "is loaded from another host";
      return protocol === "https:" || protocol === "http:" ? undefined : "is no address of the web";
    }
    if (!pathname.startsWith(base)) return "leaves the site";
    const path = decodeURI(pathname.slice(base.length));
    const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
    if (!files.has(file)) return "leads nowhere";
    const anchor = decodeURIComponent(hash.slice(1));
    if (anchor !== "" && pages.get(file)?.anchors.has(anchor) === false) return "names no place of that page";
    return undefined;
  }
}

const here = "http://site.invalid";

interface Reference {
  readonly link: string;
  /** Whether a reader follows it, where others are loaded with the page. */
  readonly isFollowed: boolean;
}

function readPage(html: string): { links: Reference[]; anchors: Set<string> } {
  const links: Reference[] = [];
  const anchors = new Set<string>();
  for (const [, tag = "", attributes = ""] of html.matchAll(/<([a-z][\w-]*)\s((?:[^>"]|"[^"]*")*)>/g)) {
    for (const [, name, value = ""] of attributes.matchAll(/(?<![\w-])(id|href|src|srcset)="([^"]*)"/g)) {
      if (name === "id") anchors.add(decodeEntities(value));
      else {
        const each =
          name === "srcset" ? value.split(",").map((one) => one.trim().replace(/\s.*/, "")) : [value];
        links.push(...each.map((link) => ({ link: decodeEntities(link), isFollowed: tag === "a" })));
      }
    }
  }
  return { links, anchors };
}

function decodeEntities(text: string): string {
  return text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");
}
