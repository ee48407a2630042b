import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkLinks } from "./check-links.ts";

/** What is wrong with the links of a page that has an anchor `here` and a page `other.html` with one `there`. */
async function judge(html: string, base = "/"): Promise<string[]> {
  const site = await mkdtemp(join(tmpdir(), "site-"));
  onTestFinished(() => rm(site, { recursive: true }));
  await writeFile(join(site, "index.html"), `<h2 id="here">Here</h2>${html}`);
  await writeFile(join(site, "other.html"), '<h2 id="there">There</h2>');
  await writeFile(join(site, "picture.svg"), "<svg/>");
  const { dead } = await checkLinks(site, base);
  return dead.map(({ page, link, problem }) => `${page}: ${link} ${problem}`);
}

describe("a link of the built site", () => {
  it.each([
    '<a href="#here">',
    '<a href="/other.html#there">',
    '<a class="x" href="./other.html">',
    '<a href="/">',
    '<a href="https://example.org/a?b=1&amp;c=2#d">',
    '<img src="/picture.svg">',
    '<link rel="icon" href="data:image/svg+xml,%3Csvg/%3E">',
  ])("is alive: %s", async (html) => {
    expect(await judge(html)).toEqual([]);
  });

  it.each([
    ['<a href="/gone.html">', "index.html: /gone.html leads nowhere"],
    ['<a href="../docs/errors.md">', "index.html: ../docs/errors.md leads nowhere"],
    ['<a href="#gone">', "index.html: #gone names no place of that page"],
    ['<a href="other.html#here">', "index.html: other.html#here names no place of that page"],
    ['<img alt="a > b" src="/gone.svg">', "index.html: /gone.svg leads nowhere"],
    ['<source srcset="picture.svg, gone.svg 2x">', "index.html: gone.svg leads nowhere"],
    [
      '<script src="https://cdn.example/x.js">',
      "index.html: https://cdn.example/x.js is loaded from another host",
    ],
    ['<link href="//fonts.example/x.css">', "index.html: //fonts.example/x.css is loaded from another host"],
  ])("is dead: %s", async (html, problem) => {
    expect(await judge(html)).toEqual([problem]);
  });

  it("stays below the base", async () => {
    expect(await judge('<a href="/docs/other.html">', "/docs/")).toEqual([]);
    expect(await judge('<a href="/other.html">', "/docs/")).toEqual([
      "index.html: /other.html leaves the site",
    ]);
  });
});
