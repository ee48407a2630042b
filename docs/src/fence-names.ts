import type { MarkdownRenderer } from "vitepress";

/** Shows the file that a fence names after its language, ```ts server.ts, in the place of the language. */
export function showFenceNames(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, ...rest) => {
    const html = fence?.(tokens, index, ...rest) ?? "";
    const [, file] = tokens[index]?.info.split(" ") ?? [];
    return file === undefined
      ? html
      : html.replace(/(<span class="lang">).*?</, `$1${md.utils.escapeHtml(file)}<`);
  };
}
