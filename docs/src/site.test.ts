import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, type Page, startBrowser } from "@personify-auth/browser";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { serveSite } from "./serve-site.test.support.ts";

const site = join(import.meta.dirname, "../.vitepress/dist");
let summary = "";
let pages: string[] = [];
let server: Awaited<ReturnType<typeof serveSite>>;
let browser: Browser;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "build.ts")]);
  summary = stdout.trim().split("\n").at(-1) ?? "";
  for await (const file of glob("**/*.html", { cwd: site })) pages.push(file);
  pages = pages.filter((file) => file !== "404.html").toSorted();
  server = await serveSite(site);
  browser = await startBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

/** A page of the browser, and what went wrong in it since. */
async function openPage(
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext(options);
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problems.push(`${page.url()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${server.url}/`) && !url.startsWith("data:"))
      problems.push(`${page.url()} asks ${url}`);
  });
  return { page, problems };
}

/** Goes to a page, and waits until its script has taken over. */
async function visit(page: Page, path: string): Promise<void> {
  await page.goto(`${server.url}/${path}`);
  await page.waitForFunction(() => "__vue_app__" in (document.querySelector("#app") ?? {}));
}

describe("docs:build", () => {
  it("ends with what it made and checked", () => {
    expect(summary).toMatch(/^\d+ pages in docs\/\.vitepress\/dist, \d+ links checked, 0 dead$/);
    expect(pages.length).toBeGreaterThan(50);
  });

  it("makes a page of each kind where readers look for it", () => {
    expect(pages).toEqual(
      expect.arrayContaining([
        "index.html",
        "concepts.html",
        "contributing.html",
        "packages/express/index.html",
        "recipes/fastify.html",
        "reference/core.html",
      ]),
    );
  });

  it("links packages that a README names, publishes a file of docs, and makes no link of other files", async () => {
    const architecture = await readFile(join(site, "architecture.html"), "utf8");
    expect(architecture).toContain('<span title="../packages/core/src/errors.ts">');
    expect(architecture).not.toMatch(/href="[^"]*\.ts"/);
    expect(await readFile(join(site, "packages/express/index.html"), "utf8")).toContain(
      '<a href="/packages/core/"><code>@personify-auth/core</code></a>',
    );
    const operations = await readFile(join(site, "operations.html"), "utf8");
    const [, dashboard = ""] = /href="\/(operations\/[^"]*\.json)"/.exec(operations) ?? [];
    expect(JSON.parse(await readFile(join(site, dashboard), "utf8"))).toHaveProperty("panels");
  });
});

describe("the site in a browser", () => {
  it("loads each page without an error, from its own host alone, and fits a phone", async () => {
    const { page, problems } = await openPage({ viewport: { width: 375, height: 800 } });
    for (const path of pages) {
      await visit(page, path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 0) problems.push(`${path} is ${overflow} px too wide for a phone`);
    }
    expect(problems).toEqual([]);
  });

  it.each([1280, 1440, 1920])("fits a window of %i px, with what is at its edges", async (width) => {
    const { page } = await openPage({ viewport: { width, height: 900 } });
    await visit(page, "concepts.html");
    const right = await page.locator(".VPSwitchAppearance:visible").boundingBox();
    expect((right?.x ?? width) + (right?.width ?? 0)).toBeLessThan(width);
    const left = await page.locator(".VPSidebar").boundingBox();
    expect(left?.x).toBe(0);
    expect(left?.width).toBeGreaterThan(250);
  });

  it("shows its pictures", async () => {
    const { page } = await openPage();
    for (const path of ["concepts.html", "performance.html", "scale.html"]) {
      await visit(page, path);
      const pictures = await page.locator(".vp-doc img").all();
      expect(pictures.length).toBeGreaterThan(0);
      for (const picture of pictures) {
        await picture.scrollIntoViewIfNeeded();
        expect(
          await picture.evaluate((image: HTMLImageElement) => image.decode().then(() => image.naturalWidth)),
        ).toBeGreaterThan(300);
      }
    }
  });

  it("turns dark, and its picture with it", async () => {
    const { page } = await openPage({ colorScheme: "light" });
    await visit(page, "concepts.html");
    const picture = page.locator('img[src*="token-life"]');
    await picture.scrollIntoViewIfNeeded();
    // Within its grey bar, where nothing of the page shows through.
    const look = async () => {
      const { x, y, width } = (await picture.boundingBox()) ?? { x: 0, y: 0, width: 0 };
      const clip = { x: x + (width * 665) / 760, y: y + (width * 196) / 760, width: 10, height: 8 };
      return (await page.screenshot({ clip })).toString("base64");
    };
    const light = await look();
    expect(await page.evaluate(() => document.documentElement.classList.contains("dark"))).toBe(false);
    await page.locator(".VPSwitchAppearance:visible").click();
    expect(await page.evaluate(() => document.documentElement.classList.contains("dark"))).toBe(true);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      "rgb(27, 27, 31)",
    );
    expect(await look()).not.toBe(light);
  });

  it("finds a page by its words, and goes there", async () => {
    const { page, problems } = await openPage();
    await visit(page, "");
    await page.locator(".VPNavBarSearch button").click();
    await page.locator(".VPLocalSearchBox input").fill("hard expiry");
    const found = page.locator(".VPLocalSearchBox .result").first();
    expect(await found.textContent()).toContain("Soft and hard expiry");
    await found.click();
    await page.waitForURL("**/concepts.html#soft-and-hard-expiry");
    await page.getByRole("heading", { name: "Concepts" }).waitFor();
    expect(problems).toEqual([]);
  });
});
