export type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
export { startBrowser } from "./start-browser.ts";
