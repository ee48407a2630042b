import { join } from "node:path";
import { build } from "vitepress";
import { checkLinks } from "./check-links.ts";
import { writeReference } from "./reference.ts";
import { repository } from "./site-paths.ts";

// VitePress finds Vue from here, and not from a folder below.
process.chdir(repository);
await writeReference();
await build("docs").catch((error: Error) => {
  // What it printed names the pages; its stack would bury that.
  console.error(error.message);
  process.exit(1);
});
const base = process.env["DOCS_BASE"] ?? "/";
const { pages, links, dead } = await checkLinks(join(repository, "docs/.vitepress/dist"), base);
for (const { page, link, problem } of dead) console.error(`${page}: ${link} ${problem}`);
console.log(`${pages} pages in docs/.vitepress/dist, ${links} links checked, ${dead.length} dead`);
if (dead.length > 0) process.exitCode = 1;
