import type { MarkdownRenderer } from "vitepress";
import { importedPackages } from "./imported-packages.ts";
import { addressOf } from "./site-paths.ts";

const pages: ReadonlyMap<string, string> = new Map(
  [...importedPackages, "cli"].map((name) => [
    `@personify-auth/${name}`,
    addressOf(`packages/${name}/README.md`),
  ]),
);

/** Links the name of a package to its page: a README, which is read on npm as well, can only name the others. */
export function linkPackageNames(md: MarkdownRenderer): void {
  md.core.ruler.push("package-links", ({ tokens, Token }) => {
    for (const token of tokens) {
      let isInLink = false;
      token.children = (token.children ?? []).flatMap((child) => {
        if (child.type === "link_open") isInLink = true;
        if (child.type === "link_close") isInLink = false;
        const page = child.type === "code_inline" && !isInLink ? pages.get(child.content) : undefined;
        if (page === undefined) return child;
        const open = new Token("link_open", "a", 1);
        open.attrSet("href", page);
        return [open, child, new Token("link_close", "a", -1)];
      });
    }
  });
}
