import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import ts from "typescript";
import { expect, it } from "vitest";
import { repository } from "./site-paths.ts";

it("each fence of TypeScript or JavaScript, on any page, can be parsed", async () => {
  const pages = [
    "*.md",
    "docs/*.md",
    "docs/{decisions,recipes}/*.md",
    "{bench,apps,apps/*,packages/*}/README.md",
  ];
  const problems: string[] = [];
  let fences = 0;
  for await (const page of glob(pages, { cwd: repository })) {
    const text = await readFile(join(repository, page), "utf8");
    for (const [, language = "", code = ""] of text.matchAll(/^ *```(ts|js)\b.*\n([\s\S]*?)^ *```$/gm)) {
      fences++;
      const fileName = `fence.${language}`;
      const options = { target: ts.ScriptTarget.ESNext, experimentalDecorators: true };
      const { diagnostics = [] } = ts.transpileModule(code, {
        fileName,
        reportDiagnostics: true,
        compilerOptions: options,
      });
      for (const { messageText, start = 0 } of diagnostics) {
        const line = code.slice(start).split("\n", 1)[0];
        problems.push(`${page}: ${ts.flattenDiagnosticMessageText(messageText, " ")} at: ${line}`);
      }
    }
  }
  expect(problems).toEqual([]);
  expect(fences).toBeGreaterThan(30);
});
